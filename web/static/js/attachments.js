// Files of a dossier: dropped or chosen, sent one after the other with their progress; the list is read again after.
'use strict';

(() => {
  const row = (list, name) => {
    const item = document.createElement('li');
    const title = Object.assign(document.createElement('span'), { className: 'upload-name', textContent: name });
    const bar = Object.assign(document.createElement('progress'), { max: 100, value: 0 });
    bar.setAttribute('aria-label', name);
    const said = Object.assign(document.createElement('span'), { className: 'upload-said' });
    item.append(title, bar, said);
    list.append(item);
    list.hidden = false;
    return { item, bar, said };
  };

  const settle = (shown, isTaken, words) => {
    shown.bar.remove();
    shown.said.textContent = words;
    shown.item.classList.toggle('is-refused', !isTaken);
    return isTaken;
  };

  const send = (form, file, list) => new Promise((done) => {
    const words = form.dataset;
    const shown = row(list, file.name);
    if (file.size > Number(words.most)) {
      done(settle(shown, false, words.tooLarge));
      return;
    }
    const body = new FormData();
    body.append('csrf_token', form.elements.csrf_token.value);
    body.append('item_id', form.elements.item_id.value);
    body.append('files', file, file.name);
    const call = new XMLHttpRequest();
    call.open('POST', form.action);
    call.setRequestHeader('Accept', 'application/json');
    call.upload.addEventListener('progress', (event) => {
      const part = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
      shown.bar.value = part;
      shown.said.textContent = part < 100 ? `${words.sending} ${part}%` : words.checking;
    });
    call.addEventListener('load', () => {
      let told = null;
      try { [told] = JSON.parse(call.responseText).files; } catch { told = null; }
      done(settle(shown, Boolean(told && told.ok), told && told.ok ? words.done : (told && told.message) || words.failed));
    });
    call.addEventListener('error', () => done(settle(shown, false, words.failed)));
    call.send(body);
  });

  // The list as it is now; what was refused stays to be read, the place keeps what was chosen.
  const readAgain = async (place, messages, item) => {
    const answer = await fetch(place.dataset.files, { headers: { Accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('files');
    if (!fresh) return;
    place.replaceWith(fresh);
    const list = fresh.querySelector('[data-progress]');
    list.replaceChildren(...messages);
    list.hidden = !messages.length;
    fresh.querySelector('form[data-upload]').elements.item_id.value = item;
    prepare(fresh);
  };

  const sendAll = async (form, files) => {
    const place = form.closest('[data-files]');
    const list = form.querySelector('[data-progress]');
    const item = form.elements.item_id.value;
    form.classList.add('is-sending');
    let taken = 0;
    for (const file of files) {
      if (await send(form, file, list)) taken += 1;
    }
    form.reset();
    form.elements.item_id.value = item;
    form.classList.remove('is-sending');
    if (taken) await readAgain(place, [...list.children], item);
  };

  const prepare = (place) => {
    const form = place.querySelector('form[data-upload]');
    if (!form) return;
    const zone = form.querySelector('[data-drop]');
    place.classList.add('has-drag');
    form.addEventListener('submit', (event) => {
      const files = [...form.querySelectorAll('input[type=file]')].flatMap((field) => [...field.files]);
      if (!files.length || form.classList.contains('is-sending')) return;
      event.preventDefault();
      sendAll(form, files);
    });
    for (const kind of ['dragenter', 'dragover']) {
      zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add('is-over'); });
    }
    for (const kind of ['dragleave', 'drop']) zone.addEventListener(kind, () => zone.classList.remove('is-over'));
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) sendAll(form, [...event.dataTransfer.files]);
    });
  };

  document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('[data-files]').forEach(prepare));
})();
