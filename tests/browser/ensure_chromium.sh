#!/usr/bin/env bash
# A browser for the tests of the maps: the system's own, else Debian's package where it may be
# installed, else Playwright's. Where there is none the tests skip, and this says the one command.
set -euo pipefail

say() { echo "Browser for the map tests: $*"; }

system_browser() {
  local candidate
  for candidate in chromium chromium-browser google-chrome google-chrome-stable microsoft-edge msedge; do
    command -v "$candidate" && return
  done
  for candidate in \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge" \
    "${PROGRAMFILES:-}/Google/Chrome/Application/chrome.exe" \
    "${PROGRAMFILES:-}/Microsoft/Edge/Application/msedge.exe"; do
    [ -x "$candidate" ] && echo "$candidate" && return
  done
  return 1
}

python=.venv/bin/python
[ -x "$python" ] || python=.venv/Scripts/python.exe

playwrights_own() {
  "$python" - <<'PYTHON'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    path = pathlib.Path(playwright.chromium.executable_path)
print(path) if path.is_file() else sys.exit(1)
PYTHON
}

debians_package() {
  [ "$(id -u)" = 0 ] && grep -qs '^ID=debian$' /etc/os-release || return
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2 && apt-get install -qq --yes --no-install-recommends chromium >&2 || return
  command -v chromium
}

if found=$(system_browser); then
  say "$found"
elif found=$(debians_package); then
  say "$found, installed just now"
elif found=$(playwrights_own); then
  say "$found"
else
  say "none found, so its tests will skip. To get one: $python -m playwright install chromium"
fi
