// The drawing of the process with the place of the dossier in it. The table under it says the same in words.
'use strict';

async function draw(holder) {
  const answer = await fetch(holder.dataset.diagram, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) return;
  holder.hidden = false;
  const viewer = new BpmnJS({ container: holder });
  await viewer.importXML(await answer.text());
  const canvas = viewer.get('canvas');
  const shapes = viewer.get('elementRegistry');
  const mark = (ids, look) => ids.split(' ').filter((id) => id && shapes.get(id)).forEach((id) => canvas.addMarker(id, look));
  mark(holder.dataset.done, 'is-done');
  mark(holder.dataset.active, 'is-active');
  const marked = holder.dataset.marked || '';
  mark(marked, 'is-marked');
  show(canvas, shapes, marked || holder.dataset.active.split(' ')[0]);
  followMarks(holder, canvas, shapes);
}

// A link that names an element shows it in the drawing; without scripts it loads the page with the element marked.
function followMarks(holder, canvas, shapes) {
  let last = holder.dataset.marked || '';
  document.querySelectorAll('[data-mark]').forEach((link) => link.addEventListener('click', (event) => {
    const shape = shapes.get(link.dataset.mark);
    if (!shape) return;
    event.preventDefault();
    if (shapes.get(last)) canvas.removeMarker(last, 'is-marked');
    last = link.dataset.mark;
    canvas.addMarker(last, 'is-marked');
    canvas.scrollToElement(last, 80);
    holder.scrollIntoView({ block: 'center' });
  }));
}

// Wide drawings are unreadable when they are made to fit: show the place of the dossier at a readable size instead.
function show(canvas, shapes, active) {
  canvas.zoom('fit-viewport', 'auto');
  const shape = shapes.get(active);
  if (canvas.zoom() > 0.6 || !shape) return;
  const readable = 0.75;
  const { outer } = canvas.viewbox();
  const width = outer.width / readable;
  const height = outer.height / readable;
  canvas.viewbox({ x: shape.x + shape.width / 2 - width / 2, y: shape.y + shape.height / 2 - height / 2, width, height });
}

document.querySelectorAll('[data-diagram]').forEach((holder) => {
  draw(holder).catch(() => { holder.hidden = true; });
});
