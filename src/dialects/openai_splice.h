// The relay edit of an OpenAI request body: nothing is decoded or copied, only the pieces are named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/call.h"

namespace orchestra {

// Pieces for one gather write. `call.body` and this object must outlive the pieces; do not move it after splicing.
struct Splice {
  std::string model_json, usage_json;  // the inserted text
  std::vector<std::string_view> pieces;
};

// Sets `model` to `upstream_model` and, where `ask_usage` on a stream, stream_options.include_usage to true. The rest
// stays byte for byte. `call.shape` must be the scan of `call.body`.
void splice_openai(const Call& call, std::string_view upstream_model, bool ask_usage, Splice& out);

}  // namespace orchestra
