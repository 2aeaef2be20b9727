// Apertium's rule-based translator, as Debian packages it: one short-lived process per text, without network and locked
// into its data.
//
// A pair is a mode file of the installation, which is a shell script around its pipeline (`-n`: unknown words are left
// as they are, without a mark). https://wiki.apertium.org/wiki/Modes
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/clock.h"
#include "ports/spawner.h"
#include "ports/translator.h"

namespace orchestra {

// `control` is the loop of `spawner`; both outlive it, and it is destroyed on that loop's thread.
class ApertiumTranslator final : public Translator {
 public:
  static constexpr std::size_t kLongestText = 32 * 1024;  // bytes
  static constexpr std::size_t kMostAtOnce = 8;           // beyond it kUnavailable

  // `data` holds the folder `modes`; empty: the one of the `apertium` on PATH, else /usr/share/apertium.
  ApertiumTranslator(boost::asio::io_context& control, Spawner& spawner, const Clock& clock, const std::string& data);
  ~ApertiumTranslator() override;

  std::vector<LanguagePair> pairs() const override;
  Task<std::string> translate(LanguagePair pair, std::string text, TimePoint deadline) override;

 private:
  class Works;

  boost::asio::io_context& control_;
  const Clock& clock_;
  const std::string data_;
  std::shared_ptr<Works> works_;  // shared: posts on their way look whether it is still there
};

// Where Apertium's data lies, for the variable PATH of `path`. For ApertiumTranslator; here for its tests.
std::string find_apertium(std::string_view path);

}  // namespace orchestra
