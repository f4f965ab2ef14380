// The door to libgsf. It complains of bad files on standard error unless told not to.
// LIMITS: 5,000 streams, 64 levels of storages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/ole.h"

#include <gsf/gsf-infile-msole.h>
#include <gsf/gsf-infile.h>
#include <gsf/gsf-input-memory.h>
#include <gsf/gsf-input.h>
#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-outfile.h>
#include <gsf/gsf-output-memory.h>
#include <gsf/gsf-output.h>

#include <map>
#include <memory>
#include <utility>

namespace gatepost::decode {

namespace {

constexpr size_t kMostStreams = 5000;
constexpr int kDeepest = 64;

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using InputPtr = std::unique_ptr<GsfInput, Unref>;
using InfilePtr = std::unique_ptr<GsfInfile, Unref>;
using OutputPtr = std::unique_ptr<GsfOutput, Unref>;

// What libgsf drops of a directory it tells the log alone.
thread_local bool complained = false;

void Complain(const gchar* /*domain*/, GLogLevelFlags /*level*/, const gchar* /*message*/,
              gpointer /*data*/) {
  complained = true;
}

void Quiet() {
  static const guint handler = [] {
    const auto all = static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK);
    g_log_set_handler(nullptr, all, Complain, nullptr);
    g_log_set_handler("libgsf", all, Complain, nullptr);
    g_log_set_handler("GLib-GObject", all, Complain, nullptr);
    return g_log_set_handler("libgsf:msole", all, Complain, nullptr);
  }();
  (void)handler;
}

bool Copy(GsfInput* input, uint64_t limit, std::string* out) {
  const gsf_off_t size = gsf_input_size(input);
  if (size < 0 || static_cast<uint64_t>(size) > limit) {
    return false;
  }
  gsf_input_seek(input, 0, G_SEEK_SET);
  out->resize(static_cast<size_t>(size));
  // Piece by piece: of a stream whose chain breaks off, the beginning is worth having.
  size_t at = 0;
  constexpr size_t kPiece = 4096;
  while (at < out->size()) {
    const size_t piece = std::min(kPiece, out->size() - at);
    if (gsf_input_read(input, piece, reinterpret_cast<guint8*>(out->data() + at)) == nullptr) {
      break;
    }
    at += piece;
  }
  out->resize(at);
  return true;
}

struct Storage {
  InfilePtr file;
  std::string path;
  int next = 0;
};

}  // namespace

std::string OleStream::name() const {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

OleFile ReadOle(Bytes bytes, uint64_t limit) {
  Quiet();
  complained = false;
  OleFile out;
  InputPtr input(gsf_input_memory_new(reinterpret_cast<const guint8*>(bytes.data()),
                                      static_cast<gsf_off_t>(bytes.size()), FALSE));
  GError* error = nullptr;
  InfilePtr root(input == nullptr ? nullptr : gsf_infile_msole_new(input.get(), &error));
  g_clear_error(&error);
  if (root == nullptr) {
    return out;
  }
  out.opened = true;
  uint64_t used = 0;
  std::vector<Storage> stack;
  stack.push_back(Storage{std::move(root), "", 0});
  while (!stack.empty()) {
    Storage& top = stack.back();
    const int index = top.next++;
    if (index >= gsf_infile_num_children(top.file.get())) {
      stack.pop_back();
      continue;
    }
    const char* name = gsf_infile_name_by_index(top.file.get(), index);
    const InputPtr child(gsf_infile_child_by_index(top.file.get(), index));
    if (child == nullptr) {
      out.damaged = true;
      continue;
    }
    const std::string path = top.path + (name == nullptr ? "?" : name);
    if (GSF_IS_INFILE(child.get()) && gsf_infile_num_children(GSF_INFILE(child.get())) >= 0) {
      if (stack.size() < kDeepest) {
        g_object_ref(child.get());
        stack.push_back(Storage{InfilePtr(GSF_INFILE(child.get())), path + "/", 0});
      } else {
        out.too_big = true;
      }
      continue;
    }
    OleStream stream;
    stream.path = path;
    if (out.streams.size() >= kMostStreams || !Copy(child.get(), limit - used, &stream.bytes)) {
      out.too_big = true;
      if (out.streams.size() >= kMostStreams) {
        break;
      }
    }
    used += stream.bytes.size();
    out.streams.push_back(std::move(stream));
  }
  out.damaged = out.damaged || complained;
  return out;
}

std::string WriteOle(const std::vector<OleStream>& streams) {
  Quiet();
  const OutputPtr sink(gsf_output_memory_new());
  std::map<std::string, OutputPtr> folders;
  folders[""] = OutputPtr(GSF_OUTPUT(gsf_outfile_msole_new(sink.get())));
  for (const OleStream& stream : streams) {
    GsfOutput* folder = folders[""].get();
    size_t at = 0;
    for (size_t slash = stream.path.find('/'); slash != std::string::npos;
         at = slash + 1, slash = stream.path.find('/', at)) {
      OutputPtr& inner = folders[stream.path.substr(0, slash + 1)];
      if (inner == nullptr) {
        const std::string name = stream.path.substr(at, slash - at);
        inner.reset(gsf_outfile_new_child(GSF_OUTFILE(folder), name.c_str(), TRUE));
      }
      folder = inner.get();
    }
    const OutputPtr child(
        gsf_outfile_new_child(GSF_OUTFILE(folder), stream.path.c_str() + at, FALSE));
    gsf_output_write(child.get(), stream.bytes.size(),
                     reinterpret_cast<const guint8*>(stream.bytes.data()));
    gsf_output_close(child.get());
  }
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
    gsf_output_close(folder->second.get());  // what is inside first
  }
  const guint8* bytes = gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(sink.get()));
  if (bytes == nullptr) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(gsf_output_size(sink.get()))};
}

}  // namespace gatepost::decode
