// The page "Digest": who has no subscription yet is offered the browser's own time zone.
document.addEventListener("DOMContentLoaded", () => {
  const zones = document.querySelector("[data-guess-zone] select[name=zone]");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zones && [...zones.options].some((option) => option.value === here)) zones.value = here;
});
