// Addresses as browsers take them apart.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/url.h"

#include <gtest/gtest.h>

namespace gatepost::text {
namespace {

TEST(Url, AHostIsShownAsBrowsersMapIt) {
  // Ideographic full stops, full width, mathematical letters, what is nothing in a host (UTS #46).
  for (const char* url :
       {"https://evil-site。top/a", "https://evil-site．top/a", "https://evil-site｡top/a",
        "https://ｅｖｉｌ-site.top/a", "https://𝐞𝐯𝐢𝐥-site.top/a", "https://ⓔⓥⓘⓛ-site.top/a",
        "https://ev\u00ADil-site.top/a", "https://ev\u200Bil-site.top/a",
        "https://%65vil-site.top/a"}) {
    EXPECT_EQ(ShownUrl(url), "https://evil-site.top/a") << url;
  }
  EXPECT_EQ(ShownUrl("https://xn--mnchen-3ya.example/"), "https://münchen.example/");
  EXPECT_EQ(ShownUrl("https://example.org/ｅ"), "");
}

TEST(Url, SlashesBehindASchemeAreTwoHoweverManyAndWhicheverWay) {
  for (const char* url :
       {"https:\\\\evil-site.top/a", "https:/evil-site.top/a", "https:evil-site.top/a",
        "https:////evil-site.top/a", "HTTPS:\\/evil-site.top/a"}) {
    EXPECT_EQ(ShownUrl(url), "https://evil-site.top/a") << url;
  }
  EXPECT_EQ(ShownUrl("https://example.org/a?b=\\"), "");
  EXPECT_EQ(ShownUrl("https://example.org/a\\n\\nNghị"), "");
  EXPECT_EQ(ShownUrl("https:\\\\a.example\\b"), "https://a.example\\b");
  EXPECT_EQ(ShownUrl("mailto:a@example.org"), "");
  EXPECT_EQ(ShownUrl("file:\\\\host\\a"), "");
}

}  // namespace
}  // namespace gatepost::text
