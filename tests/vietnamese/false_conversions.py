#!/usr/bin/env python3
"""No message of the public collections is read as Vietnamese of before Unicode when it is not.

  false_conversions.py CONVERSIONS [FOLDER...]

CONVERSIONS is the program built from conversions.cc. It is given every message of the folders, and
samples of Western languages that are written here, in each 8-bit charset that fits. Each conversion
is printed; one is a failure (none of these texts is Vietnamese of before Unicode). Exit 77: the
folders are not here (a skip, said aloud), and the samples passed.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import subprocess
import sys
import tempfile

SAMPLES = {
    "french": ("iso-8859-1", "windows-1252", "Où êtes-vous passés hier soir, là-bas, près de la forêt ? "
               "La réunion a été différée à la fin du mois; l'élève préféré du maître était très "
               "gêné. Ça été décidé à Noël, au café, où le garçon naïf rêvait d'être fêté."),
    "german": ("iso-8859-1", "windows-1252", "Für die Prüfung müssen wir größere Räume öffnen; die "
               "Übung läuft täglich, während schöne Mädchen über Bäche hüpfen. Es heißt, daß früher "
               "alles möglich wäre."),
    "spanish": ("iso-8859-1", "windows-1252", "Mañana habrá más información sobre el año: ¿dónde está "
                "el niño? Él pidió café y té; según él, la canción también sonó así aquí, qué sé yo."),
    "portuguese": ("iso-8859-1", "windows-1252", "Não há razão para a decisão: a ação já está em "
                   "São Paulo, é só você lá. Amanhã às três avó e avô vêm à reunião."),
    "italian": ("iso-8859-1", "windows-1252", "Perché è così? La città è là, più giù; può darsi che "
                "lunedì sarà già libertà per chi potrà."),
    "swedish": ("iso-8859-1", "windows-1252", "Är du på väg hem i kväll? Vår båt går på sjön när "
                "å och ö är små, får vi nå öar där."),
    "danish": ("iso-8859-1", "windows-1252", "Søren går på møde i København på lørdag; så får vi æbler "
               "på åen, når øen er grøn."),
    "czech": ("iso-8859-2", "windows-1250", "Příliš žluťoučký kůň úpěl ďábelské ódy. Já už vím, že "
              "máš dům tam, kde řeka začíná, a že není možné říci ještě více."),
    "polish": ("iso-8859-2", "windows-1250", "Zażółć gęślą jaźń. Proszę się nie bać, będą też inni, "
               "którzy mogą przyjść później, gdyż są już zajęci."),
    "hungarian": ("iso-8859-2", "windows-1250", "Árvíztűrő tükörfúrógép. Kérjük, hogy a következő "
                  "időpontban jöjjön el; köszönjük szépen, és jó utat kívánunk önöknek."),
    "romanian": ("iso-8859-2", "windows-1250", "Această hotărâre va fi trimisă după ce în țară s-a "
                 "făcut ședința; să vină și fără mâncare, că așa e.".replace("ț", "ţ").replace("ș", "ş")),
    "croatian": ("iso-8859-2", "windows-1250", "Đaci su došli kući već jučer; noću će možda biti više "
                 "kiše, što će nas čekati ako još ne pođemo?"),
    "turkish": ("iso-8859-9", "windows-1254", "Şu anda çalışıyoruz; öğretmen İstanbul'da değil, güneşli "
                "bir gün için teşekkür ederiz, çünkü ağaç büyük."),
    "icelandic": ("iso-8859-1", "windows-1252", "Það er gott að vera hér í dag, þó að við höfum ekki "
                  "séð þá; ég á að fá þau á mánudag."),
    "finnish": ("iso-8859-1", "windows-1252", "Hyvää päivää, tämä on pitkä yö; hän näkee sen, että "
                "äiti lähtee töihin myöhään."),
    "russian": ("koi8-r", "windows-1251", "Уважаемые коллеги, сообщаем вам, что завтра состоится "
                "собрание; просим всех быть вовремя и взять с собой документы."),
    "greek": ("iso-8859-7", "windows-1253", "Σας ευχαριστούμε πολύ για το μήνυμά σας, θα απαντήσουμε "
              "το συντομότερο δυνατό."),
    "vietnamese": ("utf-8", "utf-8", "Là người Việt Nam, ông bà cô chú có nhà và có cá. Độc lập, tự do, "
                   "hạnh phúc là của các dân tộc."),
}


def samples(folder):
    """Each sample as text and HTML, rightly labelled, unlabelled, and labelled iso-8859-1."""
    for language, (first, second, text) in SAMPLES.items():
        for charset in {first, second, "utf-8"}:
            for label in (charset, "", "iso-8859-1"):
                if charset in ("koi8-r", "windows-1251", "iso-8859-7", "windows-1253") and not label:
                    continue
                for kind in ("plain", "html"):
                    if label == "iso-8859-1" and charset == "utf-8":
                        continue
                    path = folder / f"{language}-{charset}-{label or 'none'}-{kind}.eml"
                    parameter = f"; charset={label}" if label else ""
                    body = text if kind == "plain" else f"<html><body><p>{text}</p></body></html>"
                    path.write_bytes(
                        b"From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
                        + f"Content-Type: text/{kind}{parameter}\r\n".encode()
                        + b"Content-Transfer-Encoding: 8bit\r\n\r\n"
                        + body.encode(charset, "replace") + b"\r\n")
                    yield str(path)


def main():
    program, folders = sys.argv[1], [pathlib.Path(f) for f in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        files = list(samples(pathlib.Path(folder)))
        made = len(files)
        here = [f for f in folders if f.is_dir()]
        for root in here:
            files += [str(p) for p in sorted(root.rglob("*"))
                      if p.is_file() and p.stat().st_size < 2_000_000]
        found = []
        for at in range(0, len(files), 500):
            done = subprocess.run([program, *files[at:at + 500]], capture_output=True, check=False)
            if done.returncode != 0:
                print(f"{program}: exit {done.returncode}: {done.stderr[-300:]!r}")
                return 1
            found += done.stdout.decode("utf-8", "replace").splitlines()
    for line in found:
        print(line)
    print(f"{made} samples, {len(files) - made} files: {len(found)} conversions (allowed: 0)")
    if found:
        return 1
    if len(here) < len(folders):
        print("skipped: " + ", ".join(str(f) for f in folders if f not in here) + " not here")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
