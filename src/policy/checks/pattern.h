// A regular expression out of a request: bounded, so that no caller can hold up the loop or the stack with one.
//
// ECMAScript without back-references and look-ahead. libstdc++'s polynomial matcher runs it in time proportional to
// states times length; the limits below keep both small (measured: at most some 20 ms at the limits).
#pragma once

#include <regex>
#include <string_view>

#include "base/result.h"

namespace orchestra {

class Pattern {
 public:
  static constexpr std::size_t kLongest = 256;         // bytes of the pattern
  static constexpr std::size_t kMostRepeats = 100;     // the product of its counts: "{2}", "{2,5}"
  static constexpr std::size_t kMostSearched = 16384;  // bytes of the text

  // kUnprocessable names what is wrong with it.
  static Result<Pattern> compile(std::string_view text);
  // Whether it matches somewhere in the first kMostSearched bytes; ^ and $ stand for the ends of the text.
  bool matches(std::string_view text) const;

 private:
  explicit Pattern(std::regex regex) : regex_(std::move(regex)) {}
  std::regex regex_;
};

}  // namespace orchestra
