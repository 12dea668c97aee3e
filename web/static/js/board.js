// Choosing rows: a whole page at once. Without it each row has its own box, and the server chooses all that fit.
'use strict';

document.addEventListener('change', (event) => {
  const form = event.target.closest('[data-choosing]');
  if (!form) return;
  const boxes = [...form.querySelectorAll('input[name=codes]')];
  const page = form.querySelector('[data-page-all]');
  const all = form.querySelector('input[name=all]');
  if (event.target === page) boxes.forEach((box) => { box.checked = page.checked; });
  if (event.target === all) boxes.forEach((box) => { box.disabled = all.checked; });
  if (page) page.checked = boxes.length > 0 && boxes.every((box) => box.checked);
});
