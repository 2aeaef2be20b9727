// The last lines of a stream that arrives in pieces. Bounded in lines and in bytes per line.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orchestra {

class LineRing {
 public:
  static constexpr std::size_t kLines = 200;
  static constexpr std::size_t kLineBytes = 4096;  // the rest of a longer line is dropped

  void add(std::string line) {
    if (line.empty()) return;
    if (lines_.size() == kLines) lines_.pop_front();
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }

 private:
  std::deque<std::string> lines_;
};

// Cuts one stream into lines.
class LineCutter {
 public:
  // Calls `line` for every whole line in `bytes` and what came before them.
  template <class Line>
  void feed(std::string_view bytes, const Line& line) {
    for (const char c : bytes) {
      if (c == '\n') {
        line(std::exchange(partial_, {}));
      } else if (partial_.size() < LineRing::kLineBytes) {
        partial_ += c;
      }
    }
  }
  // The unfinished last line, at the end of the stream.
  std::string rest() { return std::exchange(partial_, {}); }

 private:
  std::string partial_;
};

}  // namespace orchestra
