// Comfort on top of pages that work without it: focus on what is wrong, one send per form, words that pass by, a bar
// while something loads, demo sign-in, print.
'use strict';

window.motcua = (() => {
  const PASSES_MS = 8000;

  // Say something without moving anybody's focus: a screen reader hears it when it has finished its sentence.
  function tell(text, tone = '') {
    const place = document.getElementById('toasts');
    if (!place) return;
    const toast = document.getElementById('toast').content.firstElementChild.cloneNode(true);
    toast.querySelector('span').textContent = text;
    if (tone === 'problem') toast.classList.add('flash-problem');
    place.append(toast);
    if (tone !== 'problem') setTimeout(() => toast.remove(), PASSES_MS);
  }

  return { tell, away: () => {} };
})();

function focusProblem() {
  const problem = document.querySelector('[data-focus]');
  if (problem) problem.focus();
}

// A double click sends once. The engine would refuse the second, but nobody needs to read that.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('hx-post') || form.target === '_blank') return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
});
window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent);
});

document.addEventListener('click', (event) => {
  const account = event.target.closest('[data-account]');
  if (account) {
    document.getElementById('username').value = account.dataset.account;
    document.getElementById('password').value = account.dataset.password;
    document.querySelector('#sign-in button[type=submit]').focus();
  }
  if (event.target.closest('[data-print]')) window.print();
  if (event.target.closest('[data-dismiss]')) event.target.closest('[data-toast]').remove();
  document.querySelectorAll('details[data-menu][open]').forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// What loads shows a bar: a page that is left, and a part of a page that htmx asks for.
const setLoading = (isLoading) => document.documentElement.classList.toggle('is-loading', isLoading);
document.addEventListener('htmx:beforeRequest', () => setLoading(true));
document.addEventListener('htmx:afterRequest', () => setLoading(false));

document.addEventListener('DOMContentLoaded', focusProblem);
document.addEventListener('htmx:afterSettle', focusProblem);
