#include "dialects/broken_answer.h"

#include <fmt/format.h>

namespace orchestra {

Error answer_broke_off() {
  return Error{.fault = Fault::kUpstream,
               .what = "The provider broke off its answer before the end: send the request again.",
               .code = "upstream_broke_off"};
}

Error answer_unreadable(std::string_view what) {
  return Error{
      .fault = Fault::kUpstream,
      .what = fmt::format("The provider sent {} that does not follow its own protocol: send the request again, "
                          "or choose another model.",
                          what),
      .code = "upstream_invalid_response"};
}

Error answer_too_large() {
  return Error{
      .fault = Fault::kUpstream,
      .what = fmt::format("The provider sent more than {} MiB for one answer: it was given up.", kMaxAnswer >> 20),
      .code = "upstream_invalid_response"};
}

}  // namespace orchestra
