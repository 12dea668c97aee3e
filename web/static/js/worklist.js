// Comfort on the work list: choices that are kept when they are made, the number of rows that are chosen.
'use strict';

document.documentElement.classList.add('has-script');

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-submit]')) event.target.form.requestSubmit();
  if (event.target.matches('[data-select]')) countChosen();
});

function countChosen() {
  const bar = document.getElementById('many');
  if (!bar) return;
  const told = bar.querySelector('[data-count]');
  const many = document.querySelectorAll('[data-select]:checked').length;
  told.dataset.idle ??= told.textContent;
  told.textContent = many ? told.dataset.chosen.replace('0', many) : told.dataset.idle;
  bar.classList.toggle('has-choice', many > 0);
}

document.addEventListener('DOMContentLoaded', countChosen);
document.addEventListener('htmx:afterSettle', countChosen);
