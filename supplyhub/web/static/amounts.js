// Helps with forms of goods: adds packs and units up aloud while they are typed (the server does the sum in any case), goes
// to the depot that is chosen, and takes the Enter that a scanner sends for the way to the next field.

const say = new Intl.NumberFormat(document.documentElement.lang);
const inChinese = document.documentElement.lang.startsWith("zh");

function chosen(amount) {
  if (amount.dataset.pack) return amount.dataset;
  const line = amount.closest("[data-line]");
  const option = line?.querySelector("option[data-pack]:checked");
  return option ? option.dataset : null;
}

function whole(input) {
  let text = input.value.trim().replace(/[０-９，]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
  if (/^\d{1,3}(,\d{3})+$/.test(text)) text = text.replaceAll(",", "");
  return /^\d{1,15}$/.test(text) ? BigInt(text) : text === "" ? 0n : null;
}

function addUp(amount) {
  const [packs, units] = [...amount.querySelectorAll("input")].map(whole);
  const item = chosen(amount);
  const out = amount.querySelector("[data-sum]");
  if (!item || packs === null || units === null || packs + units === 0n) {
    out.textContent = "";
    return;
  }
  const size = BigInt(item.pack);
  const all = packs * size + units;
  const loose = all % size;
  const inPacks = inChinese ? `${say.format(all / size)} 包` : `${say.format(all / size)} packs`;
  out.textContent = `= ${say.format(all)} ${item.unit}` + (size > 1n ? ` · ${inPacks}${loose ? ` + ${say.format(loose)}` : ""}` : "");
}

function refresh(event) {
  const scope = event.target.closest("[data-line]") ?? event.target.closest("[data-amount]");
  scope?.querySelectorAll("[data-amount]").forEach(addUp);
  if (scope?.matches("[data-amount]")) addUp(scope);
}

document.addEventListener("input", refresh);
document.addEventListener("change", refresh);
document.querySelectorAll("[data-amount]").forEach(addUp);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-line] input, .line input")) return;
  event.preventDefault();
  const fields = [...event.target.form.querySelectorAll("input:not([type=hidden]), select, button")];
  fields[fields.indexOf(event.target) + 1]?.focus();
});

const depots = document.querySelector("form[data-depots]");
const shown = depots?.elements.depot.value;
depots?.elements.depot.addEventListener("change", () => {
  const typed = [...document.querySelectorAll("main form[method=post] input:not([type=hidden])")].some((one) => one.value !== one.defaultValue);
  if (!typed || window.confirm(depots.dataset.depots)) depots.submit();
  else depots.elements.depot.value = shown;
});
