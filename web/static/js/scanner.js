// A scanner at the counter types digits like a very fast person, and Enter. Whatever has the focus, what it typed is
// taken out of the field again and the file is opened. A person cannot type eight digits 35 ms apart.
'use strict';

(() => {
  const FASTEST_MS = 35;
  const FEWEST = 8;
  const KEY = /^(?:Digit|Numpad)(\d)$/;
  // What keyboards for Vietnamese put between the digits when they rewrite a word: no part of a code, no interruption.
  const NOISE = /^(?:Backspace|Process|Unidentified|Shift|NumLock|Dead)$/;

  let digits = '';
  let last = 0;
  let before = null;

  function remember(field) {
    if (!field || !('value' in field) || /^(?:checkbox|radio|button|submit|file)$/.test(field.type)) return null;
    let selection = null;
    try {
      selection = [field.selectionStart, field.selectionEnd];
    } catch {
      selection = null; // a field of numbers or dates has none
    }
    return { field, value: field.value, selection };
  }

  function putBack(state) {
    if (!state) return;
    state.field.value = state.value;
    if (state.selection && state.selection[0] !== null) state.field.setSelectionRange(...state.selection);
    state.field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function forget() {
    digits = '';
    before = null;
  }

  function beep() {
    const Sound = window.AudioContext || window.webkitAudioContext;
    if (!Sound) return;
    const sound = new Sound();
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.type = 'square';
    tone.frequency.value = 220;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.25);
    tone.onended = () => sound.close();
    document.documentElement.dataset.beeps = Number(document.documentElement.dataset.beeps || 0) + 1;
  }

  function refuse(words) {
    beep();
    window.motcua.tell(words, 'problem');
  }

  // The last two digits check the others (ISO 7064 mod 97-10).
  const isOurs = (code) => BigInt(code) % 97n === 1n;

  async function open(code) {
    const form = document.getElementById('scan');
    if (!form) return;
    if (!isOurs(code)) {
      refuse(form.dataset.misread);
      return;
    }
    form.elements.digits.value = code;
    let answer;
    try {
      answer = await fetch(form.action, {
        method: 'POST',
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: 'application/json' },
      });
    } catch {
      beep();
      window.motcua.away();
      return;
    }
    const told = await answer.json().catch(() => ({}));
    if (told.path) window.location.assign(told.path);
    else refuse(told.problem || form.dataset.failed);
  }

  document.addEventListener(
    'keydown',
    (event) => {
      // A field that is scanned into itself: an identity card, a numbered slip.
      if (event.target.closest && event.target.closest('[data-takes-scans]')) {
        forget();
        return;
      }
      const key = KEY.exec(event.code);
      const gap = event.timeStamp - last;
      const isQuick = digits !== '' && gap >= 0 && gap < FASTEST_MS;
      if (key && !(event.ctrlKey || event.altKey || event.metaKey)) {
        if (!isQuick) {
          forget();
          before = remember(document.activeElement);
        }
        digits += key[1];
        last = event.timeStamp;
        return;
      }
      if (NOISE.test(event.key)) return;
      const isScan = /^(?:Enter|NumpadEnter)$/.test(event.code || event.key) && isQuick && digits.length >= FEWEST;
      if (isScan) {
        event.preventDefault();
        event.stopImmediatePropagation();
        const code = digits;
        putBack(before);
        open(code);
      }
      forget();
    },
    true,
  );
})();
