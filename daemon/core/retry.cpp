#include "core/retry.hpp"

#include <string_view>

#include "model/planted.hpp"

namespace trainstop::core {

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::string Random::word(int characters) {
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string text;
  for (std::uint64_t bits = next(); characters > 0; --characters, bits >>= 5)
    text += kDigits[bits & 31];
  return text;
}

Duration Random::between(Duration low, Duration high) {
  if (high <= low) return low;
  const auto span = static_cast<std::uint64_t>((high - low).count()) + 1;
  return low + Duration{static_cast<Duration::rep>(next() % span)};
}

Duration wait_after(int failures, BackOff back_off, std::optional<Duration> retry_after,
                    Random& random) {
  Duration bound = back_off.first;
  for (int i = 1; i < failures && bound < back_off.most; ++i) bound *= 2;
  bound = std::min(bound, back_off.most);
  const Duration wait = planted("no-back-off") ? Duration{0} : random.between(bound / 2, bound);
  if (!retry_after) return wait;
  return std::max(wait, std::clamp(*retry_after, Duration{0}, kMostRetryAfter));
}

}  // namespace trainstop::core
