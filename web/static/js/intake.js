// Comfort at the desk, over pages that work without it: Enter opens the best match, looks a person up and keeps what is typed.
'use strict';

// --- search: Enter opens the first result, also before the list has caught up with what was typed ---
document.addEventListener('keydown', (event) => {
  const form = event.target.closest && event.target.closest('form[data-first]');
  if (!form || event.key !== 'Enter' || event.isComposing || !event.target.matches('[data-search]')) return;
  const text = event.target.value.trim();
  if (!text) return;
  event.preventDefault();
  const address = new URL(form.action);
  address.searchParams.set('q', text);
  address.searchParams.set('open', '1');
  location.assign(address);
});

// --- the form of receipt ---
(() => {
  const form = document.getElementById('intake');
  if (!form) return;

  const isEmpty = (name) => form.elements[name] && !form.elements[name].value;

  function completeAll() {
    form.querySelectorAll('[data-required-item]').forEach((box) => { box.checked = true; });
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }

  form.addEventListener('keydown', (event) => {
    if (event.isComposing || event.key !== 'Enter') return;
    if (event.ctrlKey) {
      event.preventDefault();
      form.requestSubmit(document.getElementById('to-check'));
    } else if (event.target.id === 'identity_number' && event.target.value.trim()) {
      event.preventDefault();
      document.getElementById('find-person').click();
    }
  });
  // The browser knows it as an access key too; here it works whatever has the focus and whatever the browser makes of Alt.
  document.addEventListener('keydown', (event) => {
    if (!event.altKey || event.ctrlKey || event.code !== 'KeyT' || !document.getElementById('all-complete')) return;
    event.preventDefault();
    completeAll();
  });
  form.addEventListener('click', (event) => {
    if (!event.target.closest('#all-complete')) return;
    event.preventDefault();
    completeAll();
  });
  // After a person was looked up: on to the first thing that is still missing.
  document.addEventListener('htmx:afterSettle', (event) => {
    if (event.target.id !== 'applicant') return;
    const names = ['full_name', 'phone', 'address', 'parcel-1-commune'];
    const next = names.find(isEmpty);
    const field = next ? form.elements[next] : form.querySelector('#find-person');
    if (field) field.focus();
    keepSoon();
  });

  // --- kept by itself ---
  const state = document.getElementById('draft-state');
  const changed = document.getElementById('draft-changed');
  const every = Number(form.dataset.every) * 1000;
  let timer = 0;
  let isKeeping = false;
  let isStopped = false;
  let isTyped = false;

  const say = (text, isAway = false) => {
    state.textContent = text;
    state.classList.toggle('is-away', isAway);
  };

  function keepSoon() {
    isTyped = true;
    if (!timer && !isStopped) timer = setTimeout(keep, every);
  }

  async function keep(overwrite = false) {
    timer = 0;
    if (isKeeping || !isTyped || form.dataset.sent) return;
    isKeeping = true;
    isTyped = false;
    const typed = new FormData(form);
    typed.delete('once_key');
    if (overwrite === true) typed.set('overwrite', '1');
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: 'POST', body: new URLSearchParams(typed), headers: { Accept: 'application/json' }, redirect: 'manual',
      });
      if (!(answer.headers.get('Content-Type') || '').includes('json')) throw new Error('not kept');
      const told = await answer.json();
      if (answer.ok) {
        form.elements.draft.value = told.draft;
        form.elements.draft_version.value = told.version;
        changed.hidden = true;
      } else {
        isStopped = true;
        changed.hidden = !told.changed;
        const other = document.getElementById('open-other');
        if (told.changed) other.href = other.href.replace(/[^/]*$/, form.elements.draft.value);
      }
      say(told.message, !answer.ok);
    } catch {
      isTyped = true; // the machine or the session is away: try again with the next word
      say(form.dataset.away, true);
    } finally {
      isKeeping = false;
      if (isTyped && !isStopped && !timer) timer = setTimeout(keep, every);
    }
  }

  form.addEventListener('input', keepSoon);
  document.getElementById('keep-mine').addEventListener('click', () => {
    isStopped = false;
    isTyped = true;
    keep(true);
  });
})();

// --- what was received: open the print by itself where this machine wants it, once ---
(() => {
  const link = document.querySelector('[data-open-now]');
  if (!link) return;
  history.replaceState(null, '', location.pathname);
  location.assign(link.href);
})();
