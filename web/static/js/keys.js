// Single keys on pages that work without them: move through rows, choose, open, act, search, go to a part of the work.
// Never while somebody types, never with Ctrl, Alt or Meta, never on a page whose person has switched them off.
'use strict';

(() => {
  const GO_WAITS_MS = 1500;
  const TEXT_INPUTS = /^(?!button|checkbox|radio|submit|reset|range|color|image)/i;
  let going = 0;

  const isTyping = (element) =>
    element.isContentEditable ||
    element.matches('textarea, select') ||
    (element.matches('input') && TEXT_INPUTS.test(element.type));
  const areOff = () => document.body.dataset.keys === 'off';
  const dialog = () => document.getElementById('keys');
  const shown = (element) => element && !element.disabled && element.getClientRects().length > 0;
  const first = (selector, root = document) => [...root.querySelectorAll(selector)].find(shown);

  // --- rows ---

  const rows = () => [...document.querySelectorAll('[data-row]')].filter(shown);
  const current = () =>
    document.activeElement.closest('[data-row]') || document.querySelector('[data-row].is-current');

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    all.forEach((row) => row.classList.toggle('is-current', row === next));
    const link = next.querySelector('[data-open]') || next.querySelector('a');
    if (link) link.focus();
    next.scrollIntoView({ block: 'nearest' });
  }

  function choose() {
    const row = current();
    const box = row && row.querySelector('[data-select]');
    if (shown(box)) box.click();
  }

  // What the page is for. A button that sends something is only reached by the key; Enter, or the key again, presses it.
  function act() {
    const row = current();
    const claim = row && row.querySelector('[data-claim]');
    const primary = first('[data-primary]');
    if (shown(claim)) claim.click();
    else if (primary && (primary.matches('a') || document.activeElement === primary)) primary.click();
    else if (primary) {
      primary.focus();
      primary.scrollIntoView({ block: 'center' });
    }
  }

  // Open the part of the page that gives something back, and stand in its first field.
  function giveBack() {
    const part = first('[data-return]');
    if (!part) return;
    const fold = part.closest('details');
    if (fold) fold.open = true;
    const field = part.matches('input, select, textarea, button') ? part : first('select, textarea, input:not([type=hidden]), button', part);
    if (field) field.focus();
  }

  function search() {
    const field = first('[data-search]') || document.getElementById('jump-code');
    if (!field) return false;
    field.focus();
    if (field.select) field.select();
    return true;
  }

  function go(letter) {
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) link.click();
    return Boolean(link);
  }

  function next(step) {
    const link = document.querySelector(step > 0 ? 'a[rel=next]' : 'a[rel=prev]');
    if (shown(link)) link.click();
  }

  const press = (selector) => () => {
    const button = first(selector);
    if (button) button.click();
  };
  const ACTS = {
    j: () => move(1),
    k: () => move(-1),
    x: choose,
    a: act,
    r: giveBack,
    n: () => next(1),
    p: () => next(-1),
    u: press('[data-undo]'),
    g: (event) => { going = event.timeStamp; },
  };

  function letterOf(event) {
    if (event.key.length === 1 && event.key.charCodeAt(0) < 128) return event.key.toLowerCase();
    const code = /^Key([A-Z])$/.exec(event.code); // a keyboard of another script
    return code ? code[1].toLowerCase() : '';
  }

  function leave(event) {
    const menu = document.querySelector('details[data-menu][open]');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary').focus();
    } else if (isTyping(event.target) && event.target.matches('[data-search], #jump-code')) event.target.blur();
  }

  function onKey(event) {
    const isPlain = !(event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented);
    if (!isPlain || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') leave(event);
    if (event.target.matches('[data-search]') && event.key === 'ArrowDown' && rows().length) {
      event.preventDefault();
      move(1);
      return;
    }
    if (areOff() || isTyping(event.target)) return;
    if (event.key === '?' && dialog()) {
      event.preventDefault();
      dialog().showModal();
      return;
    }
    if (event.key === '/') {
      if (search()) event.preventDefault();
      return;
    }
    const letter = letterOf(event);
    if (going && event.timeStamp - going < GO_WAITS_MS && letter) {
      going = 0;
      if (go(letter)) event.preventDefault();
      return;
    }
    going = 0;
    if (letter in ACTS && (!event.repeat || 'jk'.includes(letter))) {
      event.preventDefault();
      ACTS[letter](event);
    }
  }

  document.addEventListener('keydown', onKey);
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-show-keys]')) dialog().showModal();
  });
})();
