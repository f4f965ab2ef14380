// The stem: exec'd by the daemon, single-threaded; libraries, known answers and virus signatures
// are loaded here once, and the zygotes of one generation of rules after another are forked from
// it. So a reload of rules never loads the signatures again, and both generations share them in
// memory. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace gatepost::inspect {

// The main loop; returns the exit status when the daemon has closed its end.
int RunStem(int control);

}  // namespace gatepost::inspect
