// Comfort on top of pages that work without it: focus on what is wrong, keys, one send per form, demo sign-in, print.
'use strict';

const typing = (element) => /^(input|textarea|select)$/i.test(element.tagName) || element.isContentEditable;

function focusProblem() {
  const problem = document.querySelector('[data-focus]');
  if (problem) problem.focus();
}

// Rows of a list: j and k (or the arrows from the search field) move, Enter opens.
function moveRow(step) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains('is-current'));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  rows.forEach((row) => row.classList.remove('is-current'));
  next.classList.add('is-current');
  const link = next.querySelector('a');
  if (link) link.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const inSearch = event.target.matches('[data-search]');
  if (inSearch && event.key === 'ArrowDown') {
    event.preventDefault();
    moveRow(1);
  }
  if (typing(event.target)) return;
  if (event.key === 'j' || event.key === 'k') moveRow(event.key === 'j' ? 1 : -1);
  if (event.key === '/') {
    const search = document.querySelector('[data-search]') || document.getElementById('jump-code');
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// A double click sends once. The engine would refuse the second, but nobody needs to read that.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || form.hasAttribute('hx-post')) return;
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
  document.querySelectorAll('details.who[open]').forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener('DOMContentLoaded', focusProblem);
document.addEventListener('htmx:afterSettle', focusProblem);
