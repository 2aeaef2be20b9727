// A translator that answers from a table.
#pragma once

#include <map>

#include "ports/translator.h"

namespace orchestra {

class FakeTranslator final : public Translator {
 public:
  std::vector<LanguagePair> pairs() const override { return installed; }
  Task<std::string> translate(LanguagePair pair, std::string text, TimePoint) override {
    asked.push_back(std::move(pair));
    const auto found = translations.find(text);
    if (found == translations.end()) co_return fail(Fault::kUpstream, "There is no translation.");
    co_return found->second;
  }

  std::vector<LanguagePair> installed;
  std::map<std::string, std::string> translations;  // by the text
  std::vector<LanguagePair> asked;
};

}  // namespace orchestra
