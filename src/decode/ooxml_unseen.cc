// Words of a part of OOXML that are there and not seen.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/decode/ooxml_text.h"

namespace gatepost::decode {

void OoxmlTextSink::Look(std::string_view name, const XmlAttributes& attributes) {
  Looks around;  // a property of a paragraph, its mark or a cell
  Looks* looks = run_.inside ? &run_.looks : &around;
  looks->Take(name, attributes);
  if (run_.inside) {
    gathered_->hidden_text = gathered_->hidden_text || looks->vanishes == 1;
  } else if (settings_ == 0) {
    cell_ground_ = name == "shd" ? around.ground : cell_ground_;
  } else if (name == "shd") {
    run_.ground = around.ground;
  } else {
    run_.joins = run_.joins || around.vanishes == 1;
  }
}

// The run's own properties come before its text.
bool OoxmlTextSink::Unseen() {
  if (deleted_ > 0 || std::find(codes_.begin(), codes_.end(), true) != codes_.end()) {
    return true;
  }
  if (!run_.inside) {
    return false;
  }
  if (run_.unseen < 0) {
    Looks looks = run_.looks;
    looks.Inherit(gathered_->run_fonts.OfStyles(run_.style, run_.paragraph_style));
    Looks around;
    around.ground = run_.ground;
    looks.Inherit(around);
    around.ground = cell_ground_;
    looks.Inherit(around);
    run_.unseen = looks.unseen() ? 1 : 0;
    gathered_->hidden_text = gathered_->hidden_text || looks.vanishes == 1;
  }
  return run_.unseen == 1;
}

}  // namespace gatepost::decode
