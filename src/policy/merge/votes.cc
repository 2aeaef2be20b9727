#include "policy/merge/votes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "policy/merge/agreement.h"
#include "policy/merge/class_list.h"

namespace orchestra {
namespace {

struct Group {
  std::string key;
  std::size_t first = 0;
  double votes = 0;
};

std::vector<Group> grouped(std::span<const MemberAnswer> answers, VotesOf votes_of) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::string key = answer_key(answers[i].text);
    const auto known = std::ranges::find(groups, key, &Group::key);
    Group& group = known != groups.end() ? *known : groups.emplace_back(Group{std::move(key), i, 0});
    group.votes += votes_of(answers[i]);
  }
  return groups;
}

double sum_of(const std::vector<Group>& groups) {
  double sum = 0;
  for (const Group& group : groups) sum += group.votes;
  return sum;
}

}  // namespace

Merged by_votes(std::span<const MemberAnswer> answers, VotesOf votes_of) {
  if (auto merged = merged_class_lists(answers, votes_of)) return *std::move(merged);
  const auto groups = grouped(answers, votes_of);
  const auto agreed = agreement(answers);
  const auto best = std::ranges::max_element(groups, [&agreed](const Group& a, const Group& b) {
    if (a.votes != b.votes || agreed.empty()) return a.votes < b.votes;
    return agreed[a.first] < agreed[b.first];
  });
  return {.text = std::string(answers[best->first].text),
          .winner = best->first,
          .confidence = best->votes / sum_of(groups)};
}

bool votes_decided(std::span<const MemberAnswer> answers, VotesOf votes_of, double missing_votes) {
  if (answers.size() < 2 || is_class_list(answers.front().text)) return false;
  auto groups = grouped(answers, votes_of);
  std::ranges::sort(groups, std::greater(), &Group::votes);
  const double second = groups.size() > 1 ? groups[1].votes : 0;
  return groups.front().votes > second + missing_votes;
}

}  // namespace orchestra
