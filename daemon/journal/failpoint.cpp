#include "journal/failpoint.hpp"

#ifdef TRAINSTOP_FAILPOINTS

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace trainstop::journal {

void failpoint(const char* name) {
  static const char* const wish = std::getenv("TRAINSTOP_FAILPOINT");
  static int visits = 0;
  if (wish == nullptr) return;
  const std::string_view text(wish);
  const std::size_t end = text.find_first_of(":=");
  if (text.substr(0, end) != name) return;
  const int number = end == std::string_view::npos ? 1 : std::atoi(wish + end + 1);
  if (end != std::string_view::npos && text[end] == '=') {
    std::this_thread::sleep_for(std::chrono::milliseconds(number));
  } else if (++visits == number) {
    std::raise(SIGKILL);
  }
}

}  // namespace trainstop::journal

#endif
