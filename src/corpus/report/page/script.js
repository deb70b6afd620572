'use strict';
(() => {
  const all = (query, within) => Array.from((within || document).querySelectorAll(query));
  const mails = all('.mail');
  const said = document.getElementById('said');
  const heading = document.getElementById('mails');
  const tests = {
    mistakes: () => (mail) => !mail.classList.contains('right'),
    all: () => () => true,
    class: (what) => (mail) => mail.dataset.c === what,
    owner: (what) => (mail) => mail.dataset.o === what,
    rule: (what) => (mail) => (mail.dataset.r || '').split(' ').includes(what),
  };
  function show(kind, what, words, go) {
    const test = tests[kind](what);
    let count = 0;
    for (const mail of mails) {
      mail.hidden = !test(mail);
      count += mail.hidden ? 0 : 1;
    }
    said.textContent = words + ' (' + count + ')';
    if (go) heading.scrollIntoView();
  }
  function sort(button) {
    const head = button.closest('th');
    const table = button.closest('table');
    const at = Array.from(head.parentNode.children).indexOf(head);
    const rising = head.getAttribute('aria-sort') === 'descending';
    for (const other of all('th', table)) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', rising ? 'ascending' : 'descending');
    const value = (row) => row.children[at].dataset.v;
    const numeric = head.classList.contains('n');
    const compare = (a, b) => numeric ? value(a) - value(b) : (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0);
    const rows = all('tbody tr', table).sort((a, b) => rising ? compare(a, b) : compare(b, a));
    table.tBodies[0].append(...rows);
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.show) show(button.dataset.show, button.dataset.what, button.dataset.words, Boolean(button.dataset.what));
    if (button.hasAttribute('data-sort')) sort(button);
  });
  const filter = document.getElementById('filter');
  if (filter) filter.addEventListener('input', () => {
    const word = filter.value.toLowerCase();
    for (const row of all('#rules tbody tr')) row.hidden = !row.textContent.toLowerCase().includes(word);
  });
  document.documentElement.dataset.ready = 'yes';
})();
