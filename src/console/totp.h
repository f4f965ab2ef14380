// Time-based one-time passwords (RFC 6238 over RFC 4226: HMAC-SHA-1, 30 s, 6 digits), which every
// authenticator app speaks.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::console {

constexpr int64_t kTotpStepMs = 30'000;

// RFC 4648 without padding, capitals; 160 random bits are 32 letters.
std::string Base32(Bytes bytes);
// Case, blanks and padding do not matter; false: another character.
bool FromBase32(Bytes text, std::string* out);
// Six digits for that step. secret: the bytes.
std::string TotpCode(Bytes secret, int64_t step);
// The step whose code this is, of the present one and its neighbours (clocks differ); -1: none.
int64_t MatchTotp(Bytes secret, Bytes code, int64_t now_ms);
// otpauth://totp/Gatepost:NAME?secret=...&issuer=Gatepost
std::string TotpUri(const std::string& account, const std::string& secret_base32);

}  // namespace gatepost::console
