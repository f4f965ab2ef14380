// Words that a program computes or shows where none stand: formulas, formats, fields.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gatepost::decode {

// cmd|'/c ...'!A0: an item of a topic of a program (DDE). No bar counts within a string, the quoted
// name of a sheet ('Thu|Chi'!A1) or the brackets of a table's column, unless these never end.
bool CallsProgram(std::string_view formula);

// What stands behind the bar: a topic in quotes or without blanks, and an item at once.
bool IsTopicAndItem(std::string_view text);

// The words in quotes of a number's format, which are shown with each number; one a line.
std::string WordsOfNumberFormat(std::string_view format);

// What a formula makes of strings alone, one a line: joined ("TUY"&"ỆT"&UNICHAR(32)&"MẬT",
// CONCATENATE and CONCAT), and with parts of them replaced (SUBSTITUTE, at most 8 in each other).
// Programs compute it when they open the file, so that it need not stand anywhere.
std::string JoinedLiterals(std::string_view formula);

// What Word shows of a field whose result is not in the file (ECMA-376-1, 17.16.5): QUOTE with
// strings or numbers of letters, MACROBUTTON, a line each; SYMBOL, a letter without one.
std::string WordsOfField(std::string_view field);

}  // namespace gatepost::decode
