// What the simulated models can be asked, and when things go wrong.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/fleet_view.h"
#include "events.h"

namespace orchestra::simulation {

// One attempt. `opened` is told at the first content, `ended` behind it; a failure is told once, in place of the next.
struct Ask {
  ModelId model;
  double input = 0, output = 0;  // tokens
  TimePoint first_content_by, end_by;
  std::function<void()> opened;
  std::function<void(Result<void>)> ended;  // of an attempt that had not opened: why it failed
};

// A stretch of time in which something is not as usual.
struct Spell {
  TimePoint from, to;
  double strength = 0;
};
// About `per_day` of them, each `shortest` to `longest` seconds long and between `weakest` and `strongest`.
struct SpellKind {
  double per_day, shortest, longest, weakest, strongest;
};
std::vector<Spell> spells(const SpellKind& kind, TimePoint start, double seconds, Random& random);
// The strength of the one that holds now; 0: none.
double strength_at(const std::vector<Spell>& spells, TimePoint now) noexcept;

Error failure(Fault fault, std::string what);

// A remote service: fails now and then, is down at times (refusing or silent), slow at others, and takes only so many
// requests at once.
class Cloud {
 public:
  struct Speed {
    double first_content, tokens_per_second;  // seconds; per second
  };
  Cloud(Events& events, Random random, TimePoint start, double seconds);
  void ask(const Speed& speed, Ask ask);

 private:
  Events& events_;
  Random random_;
  std::vector<Spell> outages_, slow_;
  int running_ = 0;
};

// The machine under the desk: 16 GB that its models share with other programs, whose need comes and goes. Every loaded
// model has two places. What does not fit ends in an out-of-memory crash: everything on it fails, and it is back after
// a minute.
class Machine {
 public:
  struct Local {
    std::string id;
    double gigabytes, tokens_per_second, start_seconds;
  };
  // `careful`: as fleet/ does, a model is loaded only where there is room, idle ones make place, and 1.5 GB stay free.
  // Else it loads what is asked, as the original did.
  Machine(Events& events, Random random, std::vector<Local> models, bool careful, TimePoint start, double seconds);
  void ask(Ask ask);
  FleetView view() const;
  int crashes() const noexcept { return crashes_; }

 private:
  struct Running {
    Ask ask;
    bool over = false;
  };
  struct Loaded {
    bool loaded = false;
    TimePoint ready, used;
    std::vector<std::shared_ptr<Running>> running;  // shared: with the events that end it
    std::vector<Ask> waiting;
  };
  double others() const noexcept;  // gigabytes that other programs hold now
  double booked() const noexcept;
  bool make_room(double gigabytes);
  void check_memory();
  void crash();
  void serve_waiting(std::size_t model);
  void begin(std::size_t model, Ask ask);
  void finish(std::size_t model, const std::shared_ptr<Running>& running);
  void fail_later(Ask ask, Error error);

  Events& events_;
  Random random_;
  std::vector<Local> models_;
  std::vector<Loaded> state_;
  bool careful_;
  std::vector<Spell> pressure_, slow_;
  TimePoint down_until_{};
  int crashes_ = 0;
};

}  // namespace orchestra::simulation
