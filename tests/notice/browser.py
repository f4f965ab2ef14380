#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recipients' page in a real browser: somebody opens the link of their digest, on a computer and on
a phone, in both languages, and gets their mail, or asks for it.

  browser.py BUILD

One line a scenario; exit 1 when one failed. Screenshots: BUILD/mailbox-screens. Needs chromium,
chromium-driver and python3-selenium."""
import pathlib
import sys
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(TOP / "tests" / "console"), str(TOP / "tests" / "notice")]
import house as console  # noqa: E402
import notices  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

ATTACK = "Hi <script>document.title='attacked'</script><img src=x onerror=document.title='attacked'>"


class Reader:
    def __init__(self, house, driver, screens):
        self.house, self.driver, self.screens = house, driver, screens

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def see(self, words):
        WebDriverWait(self.driver, 30).until(lambda _: words in self.text(), f"no '{words}'")

    def press(self, words):
        button = next(one for one in self.driver.find_elements(By.CSS_SELECTOR, "button, main a")
                      if words in one.text)
        button.click()

    def shoot(self, name):
        self.driver.save_screenshot(str(self.screens / f"{name}.png"))

    def fits(self):
        wide = self.driver.execute_script(
            "return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], f"{wide}: the page must be pushed sideways"

    def had_no_trouble(self):
        """The browser had nothing to say, such as of something that the page's own policy forbids."""
        troubles = [one["message"] for one in self.driver.get_log("browser")
                    if one["level"] == "SEVERE"]
        assert not troubles, troubles


def digest(house, person):
    time.sleep(2.2)  # a digest is of what was held before its second
    house.run("notices", "digest")
    return notices.links_in(house.notice(person, "digest")[1])


def test_a_person_releases_what_the_digest_told_of(reader):
    house = reader.house
    held = house.hold("seller@outside.example", ["buyer@office.example"], subject=ATTACK)
    one, box = digest(house, "buyer@office.example")
    reader.driver.get(one + "?lang=en")
    reader.see("seller@outside.example")
    assert ATTACK in reader.text(), "the subject as it was written, as text"
    assert reader.driver.title != "attacked" and not reader.driver.find_elements(
        By.CSS_SELECTOR, "main script, main img")
    reader.shoot("entry-en")
    reader.fits()
    assert house.state_of(held) == "held", "looking does nothing"
    reader.driver.find_element(By.CSS_SELECTOR, "form button").click()
    notices.wait_for(lambda: house.state_of(held) == "released", "the release")
    reader.shoot("released-en")
    arrived = [mail for mail in house.sink.wait("buyer@office.example", 2)
               if not mail.values("X-Gatepost-Notice")]
    assert len(arrived) == 1 and notices.WORD in arrived[0].data
    reader.driver.get(one + "?lang=en")
    assert not reader.driver.find_elements(By.CSS_SELECTOR, "form button"), reader.text()
    reader.driver.get(box + "?lang=vi")
    reader.see("Không có thư")
    reader.shoot("box-empty-vi")
    reader.had_no_trouble()


def test_the_rest_is_asked_for_in_vietnamese_on_a_phone(reader):
    house = reader.house
    reader.driver.set_window_size(400, 800)
    virus = house.hold("b@virus.example", ["reader@office.example"])
    reader.driver.get(notices.URL + "/?lang=vi")
    reader.driver.find_element(By.CSS_SELECTOR, "input[name=address]").send_keys(
        "reader@office.example")
    reader.shoot("link-vi")
    reader.fits()
    reader.press("Gửi liên kết")
    reader.see("hộp thư")
    box = notices.links_in(house.notice("reader@office.example", "link")[1])[0]
    reader.driver.get(box + "?lang=vi")
    reader.see("b@virus.example")
    assert notices.SUBJECT not in reader.text(), "what a virus mail is about stays sealed"
    reader.shoot("box-vi")
    reader.fits()
    reader.press("Xem và đề nghị chuyển")
    reader.driver.find_element(By.TAG_NAME, "textarea").send_keys("Báo cáo tôi đang chờ <b>gấp</b>")
    reader.shoot("ask-vi")
    reader.fits()
    reader.driver.find_element(By.CSS_SELECTOR, "form button").click()
    text = house.notice("officer@office.example", "asked", virus)[1]
    assert "Báo cáo tôi đang chờ <b>gấp</b>" in text, text
    reader.shoot("asked-vi")
    assert house.state_of(virus) == "held"
    reader.had_no_trouble()


def main():
    build = sys.argv[1]
    screens = pathlib.Path(build) / "mailbox-screens"
    screens.mkdir(exist_ok=True)
    house, failed = notices.House(build), 0
    port = house.base.rsplit(":", 1)[1]
    # The links as they stand in the mails; no name is looked up anywhere. Trusted as if TLS were before it.
    flags = [f"--host-resolver-rules=MAP mailbox.test 127.0.0.1:{port}",
             f"--unsafely-treat-insecure-origin-as-secure={notices.URL}"]
    try:
        with console.browser(screens, flags=flags) as driver:
            reader = Reader(house, driver, screens)
            for name, run in [one for one in globals().items() if one[0].startswith("test_")]:
                try:
                    run(reader)
                    print(f"ok      {name[5:].replace('_', ' ')}", flush=True)
                except Exception:  # whatever it is, the others run
                    failed += 1
                    reader.shoot(f"failed-{name}")
                    print(f"FAILED  {name[5:].replace('_', ' ')}\n{traceback.format_exc()}",
                          flush=True)
    finally:
        house.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
