/* What a watched page is asked: does it pass axe's rules, does Chinese stand where none should. */
window.watched = {
  async axe() {
    const found = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { region: { enabled: false } },
    });
    const why = (node) => (node.any[0] || node.all[0] || node.none[0] || {}).message || "";
    const said = (node) => `    ${node.target.join(" ")}  ${node.html.slice(0, 160)}  ${why(node)}`;
    return found.violations.map((one) => `${one.id}: ${one.help}\n` + one.nodes.slice(0, 4).map(said).join("\n"));
  },
  chinese() {
    const han = /[\u3400-\u9fff]/;
    const found = [];
    const free = (element) => element.closest("[data-data], script, style, template, noscript");
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const typed = node.parentElement && node.parentElement.matches("textarea"); // what somebody wrote is data
      if (han.test(node.data) && node.parentElement && !typed && !free(node.parentElement)) found.push(node.data.trim().slice(0, 80));
    }
    for (const name of ["title", "aria-label", "placeholder", "alt", "data-confirm"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        const text = element.getAttribute(name);
        if (han.test(text) && !free(element)) found.push(`${name}: ${text.slice(0, 80)}`);
      }
    }
    return found;
  },
};
