// A program that translates texts between the pairs of languages that it has data for.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/task.h"
#include "base/units.h"

namespace orchestra {

// Codes as the program spells them: {"eng", "spa"}.
using LanguagePair = std::pair<std::string, std::string>;

class Translator {
 public:
  virtual ~Translator() = default;
  // What can be translated now; any thread. Empty: nothing is installed.
  virtual std::vector<LanguagePair> pairs() const = 0;
  // Any loop. Cancelling it ends the program. kUnsupported: there is no such pair; kTooLarge; kTimeout; kUnavailable.
  virtual Task<std::string> translate(LanguagePair pair, std::string text, TimePoint deadline) = 0;
};

}  // namespace orchestra
