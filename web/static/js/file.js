// Says every half minute that this page is open, and shows who else has it open. Nothing is locked by it.
'use strict';

async function tellHere(holder) {
  if (document.hidden) return;
  const body = new URLSearchParams({ csrf_token: holder.dataset.token });
  try {
    const answer = await fetch(holder.dataset.here, { method: 'POST', body, redirect: 'error' });
    if (!answer.ok) return;
    const text = (await answer.text()).trim();
    if (holder.innerHTML.trim() !== text) holder.innerHTML = text;
  } catch {
    // The server is away: the page stays as it is, and asks again.
  }
}

for (const holder of document.querySelectorAll('[data-here]')) {
  tellHere(holder);
  setInterval(() => tellHere(holder), 30000);
  document.addEventListener('visibilitychange', () => tellHere(holder));
}
