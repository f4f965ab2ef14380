// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/hyperscan.h"

#include <hs/hs.h>

#include <cstdlib>

namespace gatepost::scan {

namespace {

std::string ErrorText(hs_error_t error) { return "Hyperscan error " + std::to_string(error); }

struct Callback {
  HsScratch::OnMatch on_match;
  void* context;
};

int Forward(unsigned int id, unsigned long long /*from*/, unsigned long long to,
            unsigned int /*flags*/, void* context) {
  const auto* callback = static_cast<const Callback*>(context);
  callback->on_match(callback->context, id, to);
  return 0;
}

unsigned FlagsOf(const HsExpression& expression) {
  return HS_FLAG_MULTILINE | (expression.utf8 ? HS_FLAG_UTF8 : 0U) |
         (expression.caseless ? HS_FLAG_CASELESS : 0U) |
         (expression.prefilter ? HS_FLAG_PREFILTER : 0U);
}

}  // namespace

struct HsScratch::State {
  hs_scratch_t* scratch = nullptr;
};

void HsDatabaseFree::operator()(void* database) const {
  hs_free_database(static_cast<hs_database_t*>(database));
}

Status HsDatabase::Check(const HsExpression& expression) {
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t code =
      hs_expression_info(expression.text.c_str(), FlagsOf(expression), &info, &error);
  std::free(info);  // the library's allocator is malloc unless told otherwise
  Status status;
  if (code != HS_SUCCESS) {
    status = Status::Invalid(error != nullptr && error->message != nullptr ? error->message
                                                                           : ErrorText(code));
  }
  hs_free_compile_error(error);
  return status;
}

Result<HsDatabase> HsDatabase::Compile(const std::vector<HsExpression>& set, HsFailure* failure) {
  std::vector<const char*> texts;
  std::vector<unsigned int> flags;
  std::vector<unsigned int> ids;
  for (const HsExpression& expression : set) {
    texts.push_back(expression.text.c_str());
    flags.push_back(FlagsOf(expression));
    ids.push_back(expression.id);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t code =
      hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(set.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error);
  if (code != HS_SUCCESS) {
    failure->index = error != nullptr ? error->expression : -1;
    failure->message =
        error != nullptr && error->message != nullptr ? error->message : ErrorText(code);
    hs_free_compile_error(error);
    return Status::Invalid(failure->message);
  }
  HsDatabase compiled;
  compiled.database_.reset(database);
  return compiled;
}

Result<HsDatabase> HsDatabase::Deserialize(Bytes blob) {
  hs_database_t* database = nullptr;
  const hs_error_t code = hs_deserialize_database(blob.data(), blob.size(), &database);
  if (code != HS_SUCCESS) {
    return Status::Invalid("the stored database does not fit: " + ErrorText(code));
  }
  HsDatabase compiled;
  compiled.database_.reset(database);
  return compiled;
}

Result<std::string> HsDatabase::Serialize() const {
  char* bytes = nullptr;
  size_t length = 0;
  const hs_error_t code =
      hs_serialize_database(static_cast<const hs_database_t*>(database_.get()), &bytes, &length);
  if (code != HS_SUCCESS) {
    return Status::Internal(ErrorText(code));
  }
  const std::unique_ptr<char, decltype(&std::free)> owned(bytes, &std::free);
  return std::string(bytes, length);
}

size_t HsDatabase::bytes() const {
  size_t size = 0;
  return hs_database_size(static_cast<const hs_database_t*>(database_.get()), &size) == HS_SUCCESS
             ? size
             : 0;
}

HsScratch::HsScratch() : state_(std::make_unique<State>()) {}
HsScratch::~HsScratch() { hs_free_scratch(state_->scratch); }

Status HsScratch::Prepare(const HsDatabase& database) {
  const hs_error_t code = hs_alloc_scratch(
      static_cast<const hs_database_t*>(database.database_.get()), &state_->scratch);
  return code == HS_SUCCESS ? Status::Ok() : Status::Internal(ErrorText(code));
}

bool HsScratch::Scan(const HsDatabase& database, Bytes text, OnMatch on_match, void* context) {
  Callback callback = {on_match, context};
  return hs_scan(static_cast<const hs_database_t*>(database.database_.get()), text.data(),
                 static_cast<unsigned>(text.size()), 0, state_->scratch, &Forward,
                 &callback) == HS_SUCCESS;
}

std::string HsVersionAndPlatform() {
  hs_platform_info_t platform = {};
  std::string out = hs_version();
  if (hs_populate_platform(&platform) == HS_SUCCESS) {
    out += " tune " + std::to_string(platform.tune) + " features " +
           std::to_string(platform.cpu_features);
  }
  return out;
}

}  // namespace gatepost::scan
