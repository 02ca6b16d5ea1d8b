"""A real JupyterLab in a headless Chromium, for tests that do what a student does.

    with Lab(folder) as lab, lab.open("week1.ipynb") as nb:
        nb.set_source("task_1", "x = 3")        # by nbgrader grade_id or cell index
        nb.run_all()
        assert "3 of 3 points" in nb.text("test_1")
        assert "Success!" in nb.validate()      # nbgrader's Validate button
        nb.screenshots(tmp_path, "week1")

The server has its own HOME and Jupyter folders, so that no setting of the person
running the tests is read or changed. It ends, with its kernels, on leaving.
"""

import contextlib
import functools
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from course.patience import Patience

#: How many times longer something may take on a busy machine that needs no work to be done first, such as a click.
BUSY = 10
CHROMIUM_ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
PRIVATE = [
    "HOME",
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
]
SETTINGS = {  # draw all cells, on screen or not; let nothing pop up
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
PANEL = "const app = window.jupyterapp, panel = app?.shell.currentWidget;"
IDLE = (
    "() => {"
    + PANEL
    + """
    const kernel = panel?.sessionContext?.session?.kernel;
    return kernel?.status === 'idle' && kernel.connectionStatus === 'connected'
        && panel.content.widgets.length > 0 && !window.labRunning
        && !Array.from(panel.node.querySelectorAll('.jp-InputPrompt'))
            .some(prompt => prompt.textContent.includes('*')); }"""
)


@functools.lru_cache
def chromium_path():
    """The Chromium or Chrome to use: $CHROMIUM, the system's, Playwright's, else None."""
    for name in (os.environ.get("CHROMIUM"), "/usr/bin/chromium", "google-chrome", "chromium-browser"):
        if name and (found := shutil.which(name)):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def require_browser():
    """Skip the calling test or fixture, saying why, where it cannot be run."""
    import pytest

    for module in ("playwright.sync_api", "jupyterlab", "nbgrader"):
        pytest.importorskip(module)
    if chromium_path() is None:
        pytest.skip("no Chromium found: install it, or set CHROMIUM=/path/to/chromium")


class Lab:
    """A JupyterLab server on the folder `root`, and a browser, for the length of a `with`.

    `timeout` is in seconds that server, kernels and browser could use for what is waited for (see course.patience).
    One at a time in a process, and no asyncio.run() meanwhile: Playwright holds the loop.
    """

    def __init__(self, root, timeout=120, width=1100):
        self.root, self.timeout, self.width = Path(root).resolve(), timeout, width

    def __enter__(self):
        from playwright.sync_api import sync_playwright

        with contextlib.ExitStack() as stack:
            self.tmp = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True)))
            self._start_server(stack)
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS, env=self.env)
            stack.callback(browser.close)
            self.context = browser.new_context(viewport={"width": self.width, "height": 900})
            self.context.set_default_timeout(self.timeout * 1000 * BUSY)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *exc):
        self.stack.close()

    def open(self, path):
        """Open a notebook, named from the root, with a kernel; return a `Notebook`."""
        if not (self.root / path).is_file():
            raise FileNotFoundError(self.root / path)
        page = self.context.new_page()
        page.goto(f"{self.url}/doc/tree/{path}?token={self.token}")
        wait_for(page, IDLE, self.timeout)
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        return Notebook(page, self.timeout)

    def log(self):
        """What the server has printed so far."""
        return (self.tmp / "server.log").read_text(errors="replace")

    def _start_server(self, stack):
        folders = {name: self.tmp / name.lower() for name in PRIVATE}
        (folders["JUPYTER_CONFIG_DIR"] / "labconfig").mkdir(parents=True)
        (folders["JUPYTER_CONFIG_DIR"] / "labconfig" / "default_setting_overrides.json").write_text(
            json.dumps(SETTINGS)
        )
        for folder in folders.values():
            folder.mkdir(exist_ok=True)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
        self.token, self.url = secrets.token_hex(16), f"http://127.0.0.1:{port}"
        self.env = {**os.environ, **{name: str(folder) for name, folder in folders.items()}}
        # Jupyter looks in the share/jupyter and etc/jupyter of the Python running it,
        # where pip put nbgrader's extensions, enabled; so `-m`, not a `jupyter` from PATH.
        log = stack.enter_context((self.tmp / "server.log").open("wb"))
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={self.root}",
                "--LabApp.expose_app_in_browser=True",
                # Should the tests be killed, so that nothing below runs, it ends by itself.
                "--MappingKernelManager.cull_idle_timeout=600",
                "--ServerApp.shutdown_no_activity_timeout=900",
            ],
            cwd=self.root,
            env={**self.env, "JUPYTER_TOKEN": self.token},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        stack.callback(_stop, server)
        patience = Patience(server.pid, self.timeout)
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=5).close()
                return
            except OSError:
                if server.poll() is not None or patience.is_over():
                    raise RuntimeError("JupyterLab did not start:\n" + self.log()) from None
                time.sleep(0.2)


def wait_for(page, condition, seconds):
    """Wait until a function of JavaScript is true, for as long as all that this process started could use."""
    from playwright.sync_api import TimeoutError

    patience = Patience(os.getpid(), seconds)
    while True:
        try:
            page.wait_for_function(condition, timeout=2000)
            return
        except TimeoutError:
            if patience.is_over():
                raise


def _stop(server):
    server.terminate()  # it ends its kernels first
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()  # and the kernels, seeing it gone, end themselves
        server.wait()


class Notebook:
    """A notebook open in JupyterLab; `page` is its Playwright page."""

    def __init__(self, page, timeout):
        self.page, self.timeout = page, timeout

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        """Close the page and end its kernel; what was not saved (or validated) is lost."""
        with contextlib.suppress(Exception):  # a broken page must not hide a failed test
            self._js("await panel.sessionContext.shutdown();")
        self.page.close()

    def run_all(self):
        """Run > Run All Cells, and wait for the end (at the first error, as in JupyterLab)."""
        self._js("""window.labRunning = true;
            app.commands.execute('notebook:run-all-cells')
                .finally(() => { window.labRunning = false; });""")
        wait_for(self.page, IDLE, self.timeout)

    def set_source(self, cell, source):
        """Replace a cell's source, as pasting over it would; not of a read-only cell."""
        self._js(
            """const model = panel.content.widgets[arg[0]].model;
            if (model.getMetadata('editable') === false) throw Error('cell is read-only');
            model.sharedModel.setSource(arg[1]);""",
            [self.index(cell), source],
        )

    def text(self, cell=None):
        """The output text shown below one cell (grade_id or index), or below all."""
        texts = self._js("""return panel.content.widgets.map(cell => Array.from(
            cell.node.querySelectorAll('.jp-OutputArea-output'), output => output.innerText.trim()
        ).join('\\n'));""")
        return "\n".join(filter(None, texts)) if cell is None else texts[self.index(cell)]

    def validate(self, screenshot=None):
        """Press nbgrader's Validate button; return the text of the dialog (and photograph it)."""
        self.page.locator(".validate-button >> visible=true").click()
        dialog = self.page.locator(".jp-Dialog")
        wait_for(self.page, "() => document.querySelector('.jp-Dialog')", self.timeout)
        text = dialog.locator(".jp-Dialog-content").inner_text()
        if screenshot:
            self.page.screenshot(path=screenshot)
        dialog.locator("button.jp-mod-accept").click()
        dialog.wait_for(state="detached")
        return text

    def theme(self, theme):
        """Show everything "light" or "dark"."""
        name = f"JupyterLab {theme.title()}"
        self._js("await app.commands.execute('apputils:change-theme', {theme: arg});", name)
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)

    def screenshots(self, folder, name, height=2000):
        """Photograph the notebook from top to bottom: {name}-1.png and so on; nothing where there is no folder.

        Each is at most `height` pixels tall, as Chromium cannot draw very tall pages.
        """
        if not folder:
            return []
        view, paths, top = self.page.locator(".jp-WindowedPanel-outer >> visible=true"), [], 0
        old = self.page.viewport_size
        full, shown = view.evaluate("view => [view.scrollHeight, view.clientHeight]")
        tall = max(300, min(height, full + old["height"] - shown))
        self.page.set_viewport_size({**old, "height": tall})
        while top < full:
            full, shown = view.evaluate(
                """(view, top) => {
                view.scrollTop = top; return [view.scrollHeight, view.clientHeight]; }""",
                top,
            )
            self.page.wait_for_timeout(300)  # to be drawn
            paths.append(Path(folder, f"{name}-{len(paths) + 1}.png"))
            view.screenshot(path=paths[-1])
            top += shown
        self.page.set_viewport_size(old)
        return paths

    def contrast(self, selector):
        """The least contrast (WCAG 2) of any text inside `selector` with the first opaque colour behind it."""
        return self._js(
            """const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(c => {
                c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const behind = node => { for (; node; node = node.parentElement) {
                const colour = getComputedStyle(node).backgroundColor;
                if (!/, 0\\)$|transparent/.test(colour)) return colour; } return 'rgb(255, 255, 255)'; };
            let least = 21;
            for (const box of panel.node.querySelectorAll(arg)) for (const node of box.querySelectorAll('*')) {
                if (!Array.from(node.childNodes).some(n => n.nodeType === 3 && n.textContent.trim())) continue;
                if (['STYLE'].includes(node.tagName)) continue;
                const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
                least = Math.min(least, (a + 0.05) / (b + 0.05)); }
            return least;""",
            selector,
        )

    def overflow(self, selector, zoom=1):
        """How many elements of `selector` are cut off at this zoom: wider than their place and not to be scrolled."""
        old = self.page.viewport_size
        self.page.set_viewport_size({"width": old["width"] // zoom, "height": old["height"] // zoom})
        self.page.wait_for_timeout(300)
        try:
            return self._js(
                """return Array.from(panel.node.querySelectorAll(arg)).filter(box => {
                    const place = box.parentElement.getBoundingClientRect(), own = box.getBoundingClientRect();
                    return own.right > place.right + 1 || (box.scrollWidth > box.clientWidth + 1
                        && getComputedStyle(box).overflowX !== 'auto'); }).length;""",
                selector,
            )
        finally:
            self.page.set_viewport_size(old)

    def index(self, cell):
        """The index of the cell with a given grade_id; of a given index, that index."""
        ids = self._js("""return panel.content.widgets.map(
            cell => cell.model.getMetadata('nbgrader')?.grade_id ?? null);""")
        return ids.index(cell) if isinstance(cell, str) else range(len(ids))[cell]

    def _js(self, body, arg=None):
        return self.page.evaluate(f"async arg => {{ {PANEL} {body} }}", arg)
