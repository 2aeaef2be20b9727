#include "api/decided.h"

#include <fmt/format.h>

#include "api/figures.h"

namespace orchestra {

const Considered* chosen(const Decision& decision) noexcept {
  if (decision.plan.order.empty() || decision.considered.empty()) return nullptr;
  const Considered& first = decision.considered.front();
  return first.contender ? &first : nullptr;
}

Expected expected_of(const Considered& considered) noexcept {
  const Contender& contender = *considered.contender;
  Expected expected;
  if (contender.expected_usd >= 0) expected.usd = rounded(static_cast<double>(contender.expected_usd));
  expected.seconds = rounded(static_cast<double>(expected_seconds(contender.terms)));
  return expected;
}

std::vector<std::string> fallbacks(const Decision& decision) {
  std::vector<std::string> models;
  for (std::size_t i = 1; i < decision.plan.order.size(); ++i) models.push_back(decision.plan.order[i].model.text);
  return models;
}

std::string reasoning(const Considered& considered) {
  const Expected expected = expected_of(considered);
  std::string text = considered.reason;
  if (text.ends_with('.')) text.pop_back();
  text += fmt::format(": quality {:.2f}, a whole answer in about {:.1f} s", considered.contender->terms.quality,
                      expected.seconds);
  if (!expected.usd) {
    text += ", at a price that is not known.";
  } else if (*expected.usd <= 0) {
    text += ", free of charge.";
  } else {
    text += *expected.usd < 0.0001 ? ", for less than $0.0001." : fmt::format(", for about ${:.4f}.", *expected.usd);
  }
  return text;
}

}  // namespace orchestra
