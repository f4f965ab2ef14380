// Mail that no program may answer.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/automatic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace gatepost::mail {
namespace {

std::string With(const std::string& field) {
  return "From: a@office.example\r\n" + field + "\r\nSubject: x\r\n\r\nbody\r\n";
}

TEST(IsAutomatic, APersonsLetterIsNot) {
  EXPECT_FALSE(IsAutomatic(With("To: b@office.example")));
  EXPECT_FALSE(IsAutomatic(With("Auto-Submitted: no")));
  EXPECT_FALSE(IsAutomatic(With("auto-submitted: (by hand) No; note=x")));
  EXPECT_FALSE(IsAutomatic(With("Precedence: first-class")));
  EXPECT_FALSE(IsAutomatic(With("Listen: x")));
  EXPECT_FALSE(IsAutomatic(""));
}

TEST(IsAutomatic, WhatBodiesSayDoesNotCount) {
  EXPECT_FALSE(IsAutomatic("From: a@x\r\n\r\nPrecedence: bulk\r\nList-Id: x\r\n"));
  EXPECT_FALSE(IsAutomatic("From: a@x\n\nAuto-Submitted: auto-replied\n"));
}

TEST(IsAutomatic, AnswersListsAndReportsAre) {
  for (const char* field :
       {"Auto-Submitted: auto-replied", "AUTO-SUBMITTED:auto-generated; x=y", "Auto-Submitted:",
        "Auto-Submitted: auto-notified", "List-Id: <x.office.example>", "list-post: NO",
        "List-Unsubscribe: <https://x>", "Precedence: bulk", "precedence:\r\n\tJUNK",
        "Precedence: list", "X-Auto-Response-Suppress: All", "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x"}) {
    EXPECT_TRUE(IsAutomatic(With(field))) << field;
    std::string bare = With(field);
    bare.erase(std::remove(bare.begin(), bare.end(), '\r'), bare.end());
    EXPECT_TRUE(IsAutomatic(bare)) << field;
  }
  EXPECT_TRUE(IsAutomatic("Subject: x\nPrecedence: bulk"));  // cut off
}

TEST(IsAutomatic, AHeaderWithoutEndIsNotAnswered) {
  EXPECT_TRUE(IsAutomatic("X: " + std::string(2 * kAutomaticBytes, 'y')));
  std::string many;
  while (many.size() < 2 * kAutomaticBytes) {
    many += "X-A: b\r\n";
  }
  EXPECT_TRUE(IsAutomatic(many));
}

}  // namespace
}  // namespace gatepost::mail
