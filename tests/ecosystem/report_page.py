#!/usr/bin/env python3
"""What a browser and axe-core make of status pages, beside the same rows as JSON.

    report_page.py [--pictures] AXE-CORE NAME...

Prints what NAME.html says, and what is wrong with it, also beside NAME.json. NAME.png is a
picture of the page at 1280 pixels, NAME-dark.png in the dark, NAME-small.png at 390 pixels.
"""
import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Whether a script would run that got into the page.
INJECT = """
const script = document.createElement('script');
script.textContent = 'document.documentElement.dataset.ran = 1';
document.body.append(script);
const ran = document.documentElement.dataset.ran === '1';
script.remove();
return ran ? 'runs' : 'is blocked';
"""

OUTLINE = """
const text = (row, part) => { const e = row.querySelector(part); return e ? e.textContent : null; };
return {
    title: document.title,
    heading: document.querySelector('h1').textContent,
    icon: decodeURIComponent(document.querySelector('link[rel=icon]').href),
    headings: document.querySelectorAll('h1').length,
    active: document.querySelectorAll('script, iframe, object, embed, form, [onerror], [onload]')
        .length,
    groups: [...document.querySelectorAll('details')].map(
        e => (e.open ? 'open' : 'folded') + ': ' + e.querySelector('summary').textContent.trim()),
    rows: [...document.querySelectorAll('tbody tr')].map(row => ({
        target: text(row, 'th bdi'), state: text(row, '.pill'),
        reason: row.cells[2].firstChild.textContent.trim(),
        detail: text(row.cells[2], 'small'), time: row.cells[3].firstChild.textContent.trim(),
        group: row.closest('details') ? text(row.closest('details'), 'h2') : null,
        place: row.querySelector('th').textContent })),
    strips: [...document.querySelectorAll('tbody svg')].map(
        e => e.getAttribute('role') + ': ' + e.getAttribute('aria-label')),
};
"""

# Cells of which a word would be cut into its letters.
NARROW = """
return [...document.querySelectorAll('caption:has(h2), tbody :is(th, td)')].filter(
    cell => cell.textContent && cell.clientWidth < 70
    ).map(cell => cell.textContent).slice(0, 3);
"""

AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: %s}).then(
    found => done({passes: found.passes.length, violations: found.violations.map(
        rule => rule.id + ': ' + rule.nodes.map(node => node.html.slice(0, 120)).join(' | '))}),
    error => done({passes: 0, violations: [String(error)]}));
""" % json.dumps(RULES)


class Browser:
    """A session of chromedriver, which ends with the program."""

    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=19515"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = ""
        self.wait()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                     "--disable-dev-shm-usage", "--user-data-dir=" + os.getcwd() + "/profile"]
        answer = self.post("/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def wait(self):
        for _ in range(200):
            try:
                self.request("GET", "/status")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        sys.exit("chromedriver does not answer")

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("http://127.0.0.1:19515" + path, data, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def post(self, path, body):
        return self.request("POST", self.session + path, body)

    def run(self, script, kind="sync"):
        return self.post("/execute/" + kind, {"script": script, "args": []})

    def tell(self, command, **values):
        return self.post("/goog/cdp/execute", {"cmd": command, "params": values})

    def show(self, page, width, theme, media="screen"):
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=width < 500)
        self.tell("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": theme}])
        self.post("/url", {"url": "file://" + os.path.abspath(page)})

    def picture(self, path, width):
        height = self.run("return document.documentElement.scrollHeight")
        shot = self.tell("Page.captureScreenshot", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def end(self):
        if self.session:
            self.request("DELETE", self.session)
        self.driver.terminate()
        self.driver.wait()


def shape(icon):
    """What the icon is drawn as."""
    return "round" if "<circle" in icon else "square" if "h16v16" in icon else "triangle"


def words_of(row):
    """What the page has to say of a row of JSON."""
    state = row["state"]
    if row["expected"] == "down" and state != "error":
        state += ", as expected" if row["as_expected"] else ", expected down"
    return {"state": state, "reason": row["reason"], "detail": row["detail"]}


def compare(rows, records):
    """What differs between the rows of the page and those of JSON; the first ones of the page
    are those that are not as expected."""
    wrong = [record for record in records if not record["as_expected"]]
    well = [record for record in records if record["as_expected"]]
    shown = rows[:len(wrong)] + sorted(rows[len(wrong):], key=lambda row: row["target"])
    faults = []
    if len(rows) != len(records):
        faults.append("%d rows of %d" % (len(rows), len(records)))
    for row, record in zip(shown, wrong + sorted(well, key=lambda record: record["target"])):
        wanted = words_of(record)
        if record["reason"] != "invalid":  # JSON has its bytes, the page what is visible
            wanted["target"] = record["target"]
        for key, value in wanted.items():
            if row[key] != value:
                faults.append("%s: %r is not %r" % (key, row[key], value))
        latency = record["reply_ms"] if record["reply_ms"] is not None else record["connect_ms"]
        if (latency is None) != (row["time"] == "\u2013"):
            faults.append("time: %r is not %r" % (row["time"], latency))
        if latency is not None and abs(float(row["time"].split()[0]) - latency) > 0.51:
            faults.append("time: %r is not %r" % (row["time"], latency))
    return faults


def judge(browser, axe, page):
    """What is wrong in one theme and width after another; paper has 718 pixels."""
    faults = []
    passes = []
    for width, theme, media in (1280, "light", "screen"), (1280, "dark", "screen"), \
            (1000, "light", "screen"), (768, "dark", "screen"), (718, "dark", "print"), \
            (390, "light", "screen"), (320, "dark", "screen"):
        where = "%s, %d pixels, %s: " % (theme, width, media)
        browser.show(page, width, theme, media)
        if browser.run("return document.documentElement.scrollWidth") != width:
            faults.append(where + "scrolls sideways")
        colour = browser.run("return getComputedStyle(document.body).backgroundColor")
        if media == "print" and colour != "rgb(255, 255, 255)":
            faults.append(where + "is printed on " + colour)
        # What is folded is looked at, too.
        browser.run("document.querySelectorAll('details').forEach(e => e.open = true)")
        if browser.run("return document.documentElement.scrollWidth") != width:
            faults.append(where + "scrolls sideways when all is open")
        faults += [where + "a narrow cell: " + cell for cell in browser.run(NARROW)]
        browser.run(axe)
        found = browser.run(AXE, "async")
        passes.append(found["passes"])
        faults += [where + fault for fault in found["violations"]]
    if min(passes) < 20:
        faults.append("only %d rules of axe-core were held" % min(passes))
    return faults


def take_pictures(browser, name):
    for ending, width, theme in ("", 1280, "light"), ("-dark", 1280, "dark"), \
            ("-small", 390, "light"):
        browser.show(name + ".html", width, theme)
        browser.picture(name + ending + ".png", width)


def report(browser, axe, name):
    with open(name + ".json", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    browser.show(name + ".html", 1280, "light")
    outline = browser.run(OUTLINE)
    # A browser that starts has a page of its own, which complains, too.
    console = [entry["message"] for entry in browser.post("/se/log", {"type": "browser"})
               if not entry["message"].startswith("chrome://")]
    injected = browser.run(INJECT)
    # axe-core is a script: it takes a page that lets one run.
    browser.tell("Page.setBypassCSP", enabled=True)
    faults = judge(browser, axe, name + ".html")
    browser.tell("Page.setBypassCSP", enabled=False)
    browser.post("/se/log", {"type": "browser"})
    print("title:", outline["title"])
    print("heading:", outline["heading"])
    print("icon:", shape(outline["icon"]))
    for group in outline["groups"]:
        print(group)
    print("strips:", sum(label.startswith("img: ") and label.endswith(" as expected")
                         for label in outline["strips"]), "of", len(records))
    print("active elements:", outline["active"])
    print("a script", injected)
    for line in console + faults + compare(outline["rows"], records):
        print("fault:", line)


def main(arguments):
    wants_pictures = arguments[:1] == ["--pictures"]
    axe_path, *names = arguments[wants_pictures:]
    with open(axe_path, encoding="utf-8") as file:
        axe = file.read()
    browser = Browser()
    try:
        for name in names:
            report(browser, axe, name)
            if wants_pictures:
                take_pictures(browser, name)
    finally:
        browser.end()


main(sys.argv[1:])
