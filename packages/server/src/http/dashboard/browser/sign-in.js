// Posts the secret behind the # of a sign-in link, and takes it out of the address and the history first.
const form = document.querySelector('[data-sign-in]');
const secret = location.hash.slice(1);
if (form !== null && secret !== '') {
  history.replaceState(null, '', location.pathname);
  form.elements.ticket.value = secret;
  form.submit();
}
