// Shows in place what a link leads to a page for: what would help, which takes a second to work out.

const link = document.querySelector("[data-explain]");
const shown = document.getElementById(link.dataset.explain);

link.addEventListener("click", async (click) => {
  if (click.ctrlKey || click.metaKey || click.shiftKey) return;
  click.preventDefault();
  shown.replaceChildren(document.getElementById("explaining").content.cloneNode(true));
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.replaceChildren(page.getElementById("effects"));
  } catch {
    // Whatever went wrong, the page itself says it better.
    location.assign(link.href);
  }
});
