#include "penstock/codec/testing/extended_walk.h"

#include "penstock/codec/message.h"

namespace penstock::codec::testing {
namespace {

template <typename M, typename T>
bool IsWholeWithin(const M& message, const Extension<M, T>& id) {
  if constexpr (ExtensionType<T>::kIsMessage) {
    return !message.HasExtension(id) || IsWhole(message.GetExtension(id));
  }
  return true;
}
template <typename M, typename T>
bool IsWholeWithin(const M& message, const RepeatedExtension<M, T>& id) {
  if constexpr (ExtensionType<T>::kIsMessage) {
    for (const T& element : message.GetRepeatedExtension(id)) {
      if (!IsWhole(element)) return false;
    }
  }
  return true;
}

template <typename M, typename T>
void TouchOne(M& message, const Extension<M, T>& id) {
  if (!message.HasExtension(id)) return;
  if constexpr (ExtensionType<T>::kIsMessage) {
    Touch(*message.MutableExtension(id));
  } else {
    message.SetExtension(id, message.GetExtension(id));
  }
}
template <typename M, typename T>
void TouchOne(M& message, const RepeatedExtension<M, T>& id) {
  for (int i = 0; i < message.ExtensionSize(id); ++i) {
    if constexpr (ExtensionType<T>::kIsMessage) {
      Touch(*message.MutableExtension(id, i));
    } else {
      message.SetExtension(id, i, message.GetExtension(id, i));
    }
  }
}

template <typename M, typename... Ids>
bool AreWhole(const M& message, const Ids&... ids) {
  return message.ParseExtensions(ids...).ok() && (IsWholeWithin(message, ids) && ...);
}
template <typename M, typename... Ids>
void TouchAll(M& message, const Ids&... ids) {
  (TouchOne(message, ids), ...);
}

}  // namespace

bool IsWhole(const extended::Part& part) {
  return (!part.has_again() || IsWhole(part.again())) &&
         AreWhole(part, extended::Part::inner, extended::Part::note);
}
bool IsWhole(const extended::AGroup& group) { return IsWhole(group.part()); }
bool IsWhole(const extended::Set& set) {
  return AreWhole(set, extended::part_of_set, extended::needy_of_set);
}
bool IsWhole(const extended::Item& item) {
  return WithItemExtensions([&](const auto&... ids) { return AreWhole(item, ids...); });
}
bool IsWhole(const extended::Holder& holder) {
  for (const extended::Item& item : holder.items()) {
    if (!IsWhole(item)) return false;
  }
  for (const auto& [name, item] : holder.by_name()) {
    if (!IsWhole(item)) return false;
  }
  return IsWhole(holder.item()) && IsWhole(holder.set()) && IsWhole(holder.chosen()) &&
         IsWhole(holder.chosen_set());
}

void Touch(extended::Part& part) {
  if (part.has_again()) Touch(*part.mutable_again());
  TouchAll(part, extended::Part::inner, extended::Part::note);
}
void Touch(extended::AGroup& group) {
  if (group.has_part()) Touch(*group.mutable_part());
}
void Touch(extended::Set& set) { TouchAll(set, extended::part_of_set, extended::needy_of_set); }
void Touch(extended::Item& item) {
  WithItemExtensions([&](const auto&... ids) { TouchAll(item, ids...); });
}
void Touch(extended::Holder& holder) {
  if (holder.has_item()) Touch(*holder.mutable_item());
  for (int i = 0; i < holder.items_size(); ++i) Touch(*holder.mutable_items(i));
  auto by_name = holder.mutable_by_name();
  for (auto& [name, item] : by_name) Touch(item);
  if (holder.has_set()) Touch(*holder.mutable_set());
  if (holder.has_chosen()) Touch(*holder.mutable_chosen());
  if (holder.has_chosen_set()) Touch(*holder.mutable_chosen_set());
}

}  // namespace penstock::codec::testing
