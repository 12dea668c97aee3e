// When the server is away: say so, look for it until it is back, and keep what was typed.
// What was typed lies in sessionStorage: in this tab only, for this person only, gone when the tab closes or the
// person signs out. A machine at a counter is shared, so nothing is written to its disk for longer.
'use strict';

(() => {
  const PREFIX = 'kept:';
  const words = () => document.getElementById('words').dataset;
  const mine = () => `${PREFIX}${document.body.dataset.who}:`;
  let waiting = 0;

  // --- is the server there? asked only after something failed ---

  async function look(pause) {
    waiting = 0;
    let isBack = false;
    try {
      isBack = (await fetch('/healthz', { cache: 'no-store' })).ok;
    } catch {
      isBack = false;
    }
    if (!isBack) waiting = setTimeout(look, pause, Math.min(pause * 2, 30000));
    else {
      document.getElementById('away').hidden = true;
      window.motcua.tell(words().back);
    }
  }

  function away() {
    const banner = document.getElementById('away');
    banner.hidden = false;
    if (!waiting) waiting = setTimeout(look, 2000, 4000);
  }

  window.motcua.away = away;
  window.addEventListener('offline', away);
  document.addEventListener('htmx:sendError', away);
  document.addEventListener('htmx:timeout', away);

  // --- what htmx was answered and does not show: said in the words of the page that came ---

  document.addEventListener('htmx:beforeSwap', (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status < 400) return;
    const page = new DOMParser().parseFromString(xhr.responseText, 'text/html');
    const wanted = requestConfig.elt.getAttribute('hx-select');
    if (event.detail.shouldSwap && (!wanted || page.querySelector(wanted))) return;
    event.detail.shouldSwap = false;
    const told = [...page.querySelectorAll('main h1, main .lead')].map((part) => part.textContent.trim());
    window.motcua.tell(told.join('. ') || words().failed, 'problem');
  });

  // --- what was typed ---

  const isKept = (field) =>
    field.name && field.name !== 'csrf_token' && !/^(?:hidden|password|file|submit|button)$/.test(field.type);
  const isText = (field) => field.matches('textarea, select') || !/^(?:checkbox|radio)$/.test(field.type);
  const keptForms = () => [...document.querySelectorAll('main form[method=post]:not([data-no-keep])')];
  const keyOf = (form) => `${mine()}${location.pathname}#${new URL(form.action).pathname}`;

  function typedIn(form) {
    const fields = [...form.elements].filter(isKept);
    return fields.map((field) => [field.name, isText(field) ? null : field.value, isText(field) ? field.value : field.checked]);
  }

  const untouched = new WeakMap();

  function keep(form, sent = false) {
    const typed = typedIn(form);
    if (JSON.stringify(typed) === untouched.get(form)) sessionStorage.removeItem(keyOf(form));
    else sessionStorage.setItem(keyOf(form), JSON.stringify({ typed, sent, path: location.pathname }));
  }

  function fill(form, typed) {
    const fields = [...form.elements].filter(isKept);
    for (const [name, value, state] of typed) {
      const field = fields.find((each) => each.name === name && (value === null || each.value === value));
      if (!field) continue;
      if (isText(field)) field.value = state;
      else field.checked = state;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }

  function offer(form, key, typed) {
    const notice = document.getElementById('kept').content.firstElementChild.cloneNode(true);
    notice.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (!button) return;
      if (button.value === 'fill') fill(form, typed);
      else sessionStorage.removeItem(key);
      notice.remove();
      const first = form.querySelector('textarea, input:not([type=hidden])');
      if (first) first.focus();
    });
    form.prepend(notice);
  }

  function begin() {
    const isFailure = Boolean(document.querySelector('[data-failure]'));
    for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX))) {
      const kept = JSON.parse(sessionStorage.getItem(key));
      const arrived = kept.sent && !isFailure && (kept.path !== location.pathname || document.querySelector('.flash'));
      if (arrived || !key.startsWith(mine())) sessionStorage.removeItem(key);
    }
    keptForms().forEach((form) => {
      untouched.set(form, JSON.stringify(typedIn(form)));
      const kept = sessionStorage.getItem(keyOf(form));
      if (kept && JSON.stringify(JSON.parse(kept).typed) !== untouched.get(form)) {
        offer(form, keyOf(form), JSON.parse(kept).typed);
      }
    });
  }

  document.addEventListener('input', (event) => {
    const { form } = event.target;
    if (form && untouched.has(form)) keep(form);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.matches('[data-sign-out]')) sessionStorage.clear();
    else if (untouched.has(form)) {
      keep(form, true);
      if (!navigator.onLine || !document.getElementById('away').hidden) {
        event.preventDefault();
        delete form.dataset.sent;
        away();
      }
    }
  });
  document.addEventListener('DOMContentLoaded', begin);
})();
