// The look that a person chose holds at once; the form behind it keeps it in a cookie, also without this script.
'use strict';

(() => {
  const DARK = { system: 'screen and (prefers-color-scheme: dark)', light: 'not all', dark: 'screen' };
  const SCHEMES = { system: 'light dark', light: 'light', dark: 'dark' };

  let sending = null;

  // What was chosen last is what is kept, also by somebody who leaves the page at once.
  function keep(form, chosen) {
    if (sending) sending.abort();
    sending = new AbortController();
    const { signal } = sending;
    fetch(form.action, { method: 'POST', body: new URLSearchParams(chosen), keepalive: true, redirect: 'manual', signal })
      .catch(() => signal.aborted || form.submit());
  }

  document.addEventListener('change', (event) => {
    const form = event.target.closest('form[data-look]');
    if (!form) return;
    const chosen = new FormData(form);
    const scheme = chosen.get('scheme');
    document.getElementById('dark').media = DARK[scheme];
    document.querySelector('meta[name=color-scheme]').content = SCHEMES[scheme];
    document.documentElement.dataset.size = chosen.get('size');
    if (form.elements.keys) document.body.dataset.keys = chosen.has('keys') ? 'on' : 'off';
    keep(form, chosen);
  });
})();
