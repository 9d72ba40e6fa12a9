// Extensions as programs use them: the constants that penstockc makes of `extend`, and what a
// message with extension ranges offers for them.
//
//     extend Item { optional string colour = 100; repeated Review reviews = 101; }
//
//     item.SetExtension(shop::colour, "red");
//     std::string_view colour = item.GetExtension(shop::colour);     // the default when absent
//     shop::Review* review = item.AddExtension(shop::reviews);
//     for (const shop::Review& one : item.GetRepeatedExtension(shop::reviews)) ...
//     const codec::ParseResult result = item.ParseExtensions(shop::colour, shop::reviews);
//
// Nothing is registered: a message that is parsed keeps its extensions as they came, and each is
// decoded when it is first asked for. One whose octets are malformed is absent; ParseExtensions()
// says so. IsInitialized() looks into extensions that were asked for; ParseExtensions() into those
// it is given.
//
// Threading: extension_set.h, and in short: the first getter call for an extension takes memory of
//            the message's arena. ParseExtensions() has them behind it.
#ifndef PENSTOCK_CODEC_EXTENSION_H_
#define PENSTOCK_CODEC_EXTENSION_H_

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "penstock/codec/extension_set.h"
#include "penstock/codec/message_access.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/string_field.h"

namespace penstock::codec {

// An extension of M, whatever it is.
template <typename M>
struct ExtensionOf : ExtensionLayout {
  using ExtensionLayout::ExtensionLayout;
};

// How a program sees a T, and how it is stored. T is a number, bool, enum, std::string_view (for
// string and bytes) or the class of a message, which may be incomplete.
template <typename T>
struct ExtensionType {
  static constexpr bool kIsText = std::is_same_v<T, std::string_view>;
  static constexpr bool kIsMessage = std::is_class_v<T> && !kIsText;
  struct Nothing {};

  using Stored = std::conditional_t<std::is_enum_v<T>, int32_t, T>;
  using Default = std::conditional_t<kIsMessage, Nothing, T>;
  using Given = std::conditional_t<kIsMessage, const T&, T>;
};

// How its elements are held and changed.
template <typename T>
struct ExtensionContainer {
  using Field = RepeatedField<typename ExtensionType<T>::Stored>;
  using Mutable = MutableRepeated<typename ExtensionType<T>::Stored>;
};
template <>
struct ExtensionContainer<std::string_view> {
  using Field = RepeatedString;
  using Mutable = MutableRepeatedString;
};
template <typename T>
  requires(ExtensionType<T>::kIsMessage)
struct ExtensionContainer<T> {
  using Field = RepeatedMessage<T>;
  using Mutable = MutableRepeatedMessage<T>;
};

// A singular one.
template <typename M, typename T>
struct Extension : ExtensionOf<M> {
  using Default = typename ExtensionType<T>::Default;
  constexpr Extension(const FieldLayout& layout, bool may_lack, const char* quoted_name,
                      Default its_default = Default())
      : ExtensionOf<M>(layout, may_lack, quoted_name), default_value(its_default) {}
  Default default_value;
};

template <typename M, typename T>
struct RepeatedExtension : ExtensionOf<M> {
  using ExtensionOf<M>::ExtensionOf;
};

// The base of messages with extension ranges.
template <typename M>
class Extendable {
 public:
  template <typename T>
  bool HasExtension(const Extension<M, T>& id) const {
    return Find(id) != nullptr;
  }
  template <typename T>
  typename ExtensionType<T>::Given GetExtension(const Extension<M, T>& id) const {
    const ExtensionValue* value = Find(id);
    if constexpr (ExtensionType<T>::kIsMessage) {
      return value == nullptr ? T::default_instance()
                              : *static_cast<const T*>(value->Content<void*>());
    } else {
      if (value == nullptr) return id.default_value;
      if constexpr (ExtensionType<T>::kIsText) {
        return value->Content<StringField>().view();
      } else {
        return static_cast<T>(value->Content<typename ExtensionType<T>::Stored>());
      }
    }
  }
  // Numbers, enums and text.
  template <typename T>
    requires(!ExtensionType<T>::kIsMessage)
  void SetExtension(const Extension<M, T>& id, std::type_identity_t<T> value) {
    ExtensionValue& stored = Mutable(id);
    stored.MarkPresent();
    if constexpr (ExtensionType<T>::kIsText) {
      stored.Content<StringField>().Assign(stored.head, value);
    } else {
      using Stored = typename ExtensionType<T>::Stored;
      stored.Content<Stored>() = static_cast<Stored>(value);
    }
  }
  // Messages.
  template <typename T>
    requires(ExtensionType<T>::kIsMessage)
  T* MutableExtension(const Extension<M, T>& id) {
    ExtensionValue& stored = Mutable(id);
    stored.MarkPresent();
    void*& child = stored.Content<void*>();
    if (child == nullptr) child = MessageAccess::NewChild<T>(stored.head);
    return static_cast<T*>(child);
  }
  // Of either kind: takes away all that is there under its number.
  void ClearExtension(const ExtensionOf<M>& id) { Extensions().Clear(id.number()); }

  template <typename T>
  int ExtensionSize(const RepeatedExtension<M, T>& id) const {
    return static_cast<int>(GetRepeatedExtension(id).size());
  }
  template <typename T>
  typename ExtensionType<T>::Given GetExtension(const RepeatedExtension<M, T>& id,
                                                int index) const {
    if constexpr (ExtensionType<T>::kIsMessage) {
      return GetRepeatedExtension(id).Get(index);
    } else {
      return static_cast<T>(GetRepeatedExtension(id).Get(index));
    }
  }
  template <typename T>
  const typename ExtensionContainer<T>::Field& GetRepeatedExtension(
      const RepeatedExtension<M, T>& id) const {
    using Field = typename ExtensionContainer<T>::Field;
    static constexpr Field kEmpty;
    const ExtensionValue* value = Find(id);
    return value == nullptr ? kEmpty : value->Content<Field>();
  }
  // To be used like a pointer to the container.
  template <typename T>
  typename ExtensionContainer<T>::Mutable MutableRepeatedExtension(
      const RepeatedExtension<M, T>& id) {
    ExtensionValue& stored = Mutable(id);
    return {stored.Content<typename ExtensionContainer<T>::Field>(), stored.head};
  }
  template <typename T>
    requires(!ExtensionType<T>::kIsMessage)
  void SetExtension(const RepeatedExtension<M, T>& id, int index, std::type_identity_t<T> value) {
    MutableRepeatedExtension(id).Set(index, static_cast<typename ExtensionType<T>::Stored>(value));
  }
  template <typename T>
    requires(ExtensionType<T>::kIsMessage)
  T* MutableExtension(const RepeatedExtension<M, T>& id, int index) {
    return MutableRepeatedExtension(id).Mutable(index);
  }
  template <typename T>
    requires(!ExtensionType<T>::kIsMessage)
  void AddExtension(const RepeatedExtension<M, T>& id, std::type_identity_t<T> value) {
    MutableRepeatedExtension(id).Add(static_cast<typename ExtensionType<T>::Stored>(value));
  }
  template <typename T>
    requires(ExtensionType<T>::kIsMessage)
  T* AddExtension(const RepeatedExtension<M, T>& id) {
    return MutableRepeatedExtension(id).Add();
  }

  // Decodes these extensions: what is wrong with the first that is wrong, at which place in its
  // fields. The others, and what is no extension the program knows, stay as they came.
  template <typename... Ids>
    requires(std::is_base_of_v<ExtensionOf<M>, Ids> && ...)
  ParseResult ParseExtensions(const Ids&... ids) const {
    ParseResult result;
    (void)((result = Extensions().Check(Head(), ids), result.ok()) && ...);
    return result;
  }

 private:
  const MessageHead& Head() const { return MessageAccess::Head(static_cast<const M&>(*this)); }
  MessageHead& Head() { return MessageAccess::Head(static_cast<M&>(*this)); }
  const ExtensionSet& Extensions() const {
    return MessageAccess::Extensions(static_cast<const M&>(*this));
  }
  ExtensionSet& Extensions() { return MessageAccess::Extensions(static_cast<M&>(*this)); }
  const ExtensionValue* Find(const ExtensionOf<M>& id) const {
    return Extensions().Find(Head(), id);
  }
  ExtensionValue& Mutable(const ExtensionOf<M>& id) { return Extensions().Mutable(Head(), id); }
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_EXTENSION_H_
