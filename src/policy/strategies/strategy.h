// How contenders are ranked. A strategy is one file here that defines one `Strategy`, and its line in list.cc.
//
// Pure: the same features and contenders, which stand in the order of the catalogue, give the same scores. What draws
// (adaptive) draws from Features::seed and Contender::draw; what takes turns counts by Features::turn. So a stored
// decision ranks again to the same order.
#pragma once

#include <span>
#include <string_view>

#include "domain/plan.h"

namespace orchestra {

struct Strategy {
  std::string_view name;
  std::span<const std::string_view> aliases;  // other names of it, in the READMEs' words
  std::string_view summary;                   // a line for people
  // Sets `score` of every contender; the highest is asked first. Equal scores: the order of the catalogue.
  void (*rank)(const Features& features, std::span<Contender> contenders);
  bool draws = false;       // ranks by Features::seed or `turn`: two equal requests may differ
  bool by_session = false;  // ranks by the session
};

}  // namespace orchestra
