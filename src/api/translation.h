// What a translation is asked for, and who can do it without a chat model. Pure but for the asker.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gateway/asker.h"
#include "ports/translator.h"

namespace orchestra {

struct Translation {
  std::string text;
  std::string source;  // a code, or "auto"
  std::string target;
};

// kUnprocessable: `source` or `target` is no code or name of a language.
Result<void> check_languages(const Translation& translation);

// The instruction that a chat model gets before the text.
std::string translation_instruction(const Translation& translation);

// The pair among `installed` for these languages: en, eng and en-US are one. The error says what is installed, or that
// the language of the text must be named.
Result<LanguagePair> find_pair(const Translation& translation, const std::vector<LanguagePair>& installed);

// Asks a translator that is no model.
class TranslatorAsker final : public Asker {
 public:
  // The references outlive it.
  TranslatorAsker(Translator& translator, const Clock& clock, LanguagePair pair, std::string text)
      : translator_(translator), clock_(clock), pair_(std::move(pair)), text_(std::move(text)) {}
  Task<Reply> ask(Question question) override;

 private:
  Translator& translator_;
  const Clock& clock_;
  const LanguagePair pair_;
  const std::string text_;
};

}  // namespace orchestra
