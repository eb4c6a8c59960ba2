// Keeps a page up to date: looks every few seconds whether it is still as it was. A page on which somebody has begun to write
// is not taken away; it says that there is news.
const live = document.querySelector('[data-live]');
const EVERY_MS = 3000;

function begunToWrite() {
  const fields = document.querySelectorAll('textarea, input:not([type=hidden])');
  return [...fields].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

async function look() {
  if (document.visibilityState !== 'visible') return;
  const response = await fetch(live.dataset.live, { headers: { accept: 'application/json' } }).catch(() => null);
  if (response === null) return;
  const { version } = response.ok ? await response.json() : { version: 'signed out' };
  if (version === live.dataset.version) return;
  const news = live.querySelector('[data-changed]');
  if (news !== null && begunToWrite()) news.hidden = false;
  else location.replace(live.dataset.page);
}

if (live !== null) {
  setInterval(look, EVERY_MS);
  document.addEventListener('visibilitychange', look);
}
