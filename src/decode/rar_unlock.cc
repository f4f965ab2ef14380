#include "src/decode/unlock.h"
namespace gatepost::decode {
Unlocked UnlockRar5(Bytes, Collector*) { return {}; }
Unlocked UnlockRar4(Bytes, Collector*) { return {}; }
}
