// Modifiers, and what they are told, as SwiftUI declares it.

extension View {
    nonisolated public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { ModifiedContent() }
    nonisolated public func accessibilityLabel<Words: StringProtocol>(_ label: Words) -> some View { ModifiedContent() }
    nonisolated public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { ModifiedContent() }
    nonisolated public func accessibilityHidden(_ hidden: Bool) -> some View { ModifiedContent() }
    nonisolated public func autocorrectionDisabled(_ disabled: Bool = true) -> some View { ModifiedContent() }
    nonisolated public func background<Style: ShapeStyle>(_ style: Style) -> some View { ModifiedContent() }
    nonisolated public func background<Style: ShapeStyle, Form: Shape>(_ style: Style, in shape: Form) -> some View { ModifiedContent() }
    nonisolated public func badge(_ count: Int) -> some View { ModifiedContent() }
    nonisolated public func bold(_ isActive: Bool = true) -> some View { ModifiedContent() }
    nonisolated public func buttonStyle<Style: PrimitiveButtonStyle>(_ style: Style) -> some View { ModifiedContent() }
    nonisolated public func contextMenu<Items: View>(@ViewBuilder menuItems: () -> Items) -> some View { ModifiedContent() }
    nonisolated public func disabled(_ disabled: Bool) -> some View { ModifiedContent() }
    nonisolated public func dynamicTypeSize(_ size: DynamicTypeSize) -> some View { ModifiedContent() }
    nonisolated public func environment<Value>(_ keyPath: WritableKeyPath<EnvironmentValues, Value>, _ value: Value) -> some View { ModifiedContent() }
    nonisolated public func fileImporter(isPresented: Binding<Bool>, allowedContentTypes: [UTType], onCompletion: @escaping (Result<URL, any Error>) -> Void) -> some View { ModifiedContent() }
    nonisolated public func font(_ font: Font?) -> some View { ModifiedContent() }
    nonisolated public func fontWeight(_ weight: Font.Weight?) -> some View { ModifiedContent() }
    nonisolated public func foregroundStyle<Style: ShapeStyle>(_ style: Style) -> some View { ModifiedContent() }
    nonisolated public func frame(maxWidth: CGFloat? = nil, minHeight: CGFloat? = nil, alignment: Alignment = .center) -> some View { ModifiedContent() }
    nonisolated public func id<Id: Hashable>(_ id: Id) -> some View { ModifiedContent() }
    nonisolated public func keyboardType(_ type: UIKeyboardType) -> some View { ModifiedContent() }
    nonisolated public func lineLimit(_ limit: ClosedRange<Int>) -> some View { ModifiedContent() }
    nonisolated public func minimumScaleFactor(_ factor: CGFloat) -> some View { ModifiedContent() }
    nonisolated public func monospaced(_ isActive: Bool = true) -> some View { ModifiedContent() }
    nonisolated public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { ModifiedContent() }
    nonisolated public func navigationTitle<Words: StringProtocol>(_ title: Words) -> some View { ModifiedContent() }
    nonisolated public func onChange<Value: Equatable>(of value: Value, initial: Bool = false, _ action: @escaping (Value, Value) -> Void) -> some View { ModifiedContent() }
    nonisolated public func onSubmit(of triggers: SubmitTriggers = .text, _ action: @escaping () -> Void) -> some View { ModifiedContent() }
    nonisolated public func overlay<Over: View>(alignment: Alignment = .center, @ViewBuilder content: () -> Over) -> some View { ModifiedContent() }
    nonisolated public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { ModifiedContent() }
    nonisolated public func pickerStyle<Style: PickerStyle>(_ style: Style) -> some View { ModifiedContent() }
    nonisolated public func preferredColorScheme(_ scheme: ColorScheme?) -> some View { ModifiedContent() }
    nonisolated public func previewDisplayName(_ name: String?) -> some View { ModifiedContent() }
    nonisolated public func privacySensitive(_ sensitive: Bool = true) -> some View { ModifiedContent() }
    nonisolated public func refreshable(action: @escaping @Sendable () async -> Void) -> some View { ModifiedContent() }
    nonisolated public func safeAreaInset<Inset: View>(edge: VerticalEdge, spacing: CGFloat? = nil, @ViewBuilder content: () -> Inset) -> some View { ModifiedContent() }
    nonisolated public func searchable(text: Binding<String>, prompt: Text? = nil) -> some View { ModifiedContent() }
    nonisolated public func sheet<Content: View>(isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> Content) -> some View { ModifiedContent() }
    nonisolated public func swipeActions<Actions: View>(edge: HorizontalEdge = .trailing, allowsFullSwipe: Bool = true, @ViewBuilder content: () -> Actions) -> some View { ModifiedContent() }
    nonisolated public func tabItem<Item: View>(@ViewBuilder _ label: () -> Item) -> some View { ModifiedContent() }
    nonisolated public func tag<Value: Hashable>(_ tag: Value) -> some View { ModifiedContent() }
    nonisolated public func task(priority: TaskPriority = .userInitiated, @_inheritActorContext _ action: @escaping @Sendable () async -> Void) -> some View { ModifiedContent() }
    nonisolated public func textContentType(_ type: UITextContentType?) -> some View { ModifiedContent() }
    nonisolated public func textInputAutocapitalization(_ style: TextInputAutocapitalization?) -> some View { ModifiedContent() }
    nonisolated public func tint(_ tint: Color?) -> some View { ModifiedContent() }
    nonisolated public func toolbar<Content: View>(@ViewBuilder content: () -> Content) -> some View { ModifiedContent() }
    nonisolated public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content) -> some View { ModifiedContent() }
}

public protocol ShapeStyle: Sendable {
    associatedtype Resolved: ShapeStyle = Never
    func resolve(in environment: EnvironmentValues) -> Resolved
}
extension ShapeStyle where Resolved == Never {
    public func resolve(in environment: EnvironmentValues) -> Never { fatalError() }
}
extension Never: ShapeStyle {}
public protocol Shape: Sendable {}
@MainActor @preconcurrency public protocol PrimitiveButtonStyle {}

public struct Color: ShapeStyle, Hashable {
    public static let accentColor = Color()
    public init(red: Double, green: Double, blue: Double, opacity: Double = 1) {}
    init() {}
}

public struct Material: ShapeStyle {}
extension ShapeStyle where Self == Material {
    public static var bar: Material { Material() }
}

public struct RoundedRectangle: Shape {
    public init(cornerRadius: CGFloat) {}
}

public struct BorderedButtonStyle: PrimitiveButtonStyle { nonisolated init() {} }
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle { nonisolated init() {} }
public struct BorderlessButtonStyle: PrimitiveButtonStyle { nonisolated init() {} }
public struct PlainButtonStyle: PrimitiveButtonStyle { nonisolated init() {} }
extension PrimitiveButtonStyle where Self == PlainButtonStyle {
    nonisolated public static var plain: PlainButtonStyle { PlainButtonStyle() }
}
extension PrimitiveButtonStyle where Self == BorderedButtonStyle {
    nonisolated public static var bordered: BorderedButtonStyle { BorderedButtonStyle() }
}
extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle {
    nonisolated public static var borderedProminent: BorderedProminentButtonStyle { BorderedProminentButtonStyle() }
}
extension PrimitiveButtonStyle where Self == BorderlessButtonStyle {
    nonisolated public static var borderless: BorderlessButtonStyle { BorderlessButtonStyle() }
}

@MainActor @preconcurrency public protocol PickerStyle {}
public struct SegmentedPickerStyle: PickerStyle { nonisolated init() {} }
extension PickerStyle where Self == SegmentedPickerStyle {
    nonisolated public static var segmented: SegmentedPickerStyle { SegmentedPickerStyle() }
}

public struct Font: Hashable, Sendable {
    public static let largeTitle = Font()
    public static let title2 = Font()
    public static let title3 = Font()
    public static let headline = Font()
    public static let subheadline = Font()
    public static let footnote = Font()
    public static let caption = Font()
    public struct Weight: Hashable, Sendable {
        public static let regular = Weight()
        public static let medium = Weight()
        public static let bold = Weight()
    }
}

public enum Axis: Sendable {
    case horizontal, vertical
    public struct Set: OptionSet, Sendable {
        public let rawValue: Int8
        public init(rawValue: Int8) { self.rawValue = rawValue }
        public static let horizontal = Set(rawValue: 1)
        public static let vertical = Set(rawValue: 2)
    }
}

public enum Edge: Sendable {
    case top, leading, bottom, trailing
    public struct Set: OptionSet, Sendable {
        public let rawValue: Int8
        public init(rawValue: Int8) { self.rawValue = rawValue }
        public static let all = Set(rawValue: 15)
        public static let horizontal = Set(rawValue: 10)
        public static let vertical = Set(rawValue: 5)
    }
}

public enum ColorScheme: Sendable { case light, dark }
public enum DynamicTypeSize: Hashable, Sendable { case large, accessibility5 }
public enum VerticalEdge: Sendable { case top, bottom }
public enum HorizontalEdge: Sendable { case leading, trailing }
public struct UTType: Hashable, Sendable {
    public static let data = UTType()
}

public struct SubmitTriggers: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let text = SubmitTriggers(rawValue: 1)
    public static let search = SubmitTriggers(rawValue: 2)
}

public enum TextAlignment: Sendable { case leading, center, trailing }
public enum UIKeyboardType: Sendable { case `default`, numbersAndPunctuation, numberPad }

public struct Alignment: Sendable {
    public static let center = Alignment()
    public static let leading = Alignment()
}

public struct HorizontalAlignment: Sendable {
    public static let center = HorizontalAlignment()
    public static let leading = HorizontalAlignment()
}

public struct VerticalAlignment: Sendable {
    public static let center = VerticalAlignment()
}

public struct AccessibilityChildBehavior: Sendable {
    public static let ignore = AccessibilityChildBehavior()
    public static let combine = AccessibilityChildBehavior()
}

public struct AccessibilityTraits: Sendable {
    public static let isHeader = AccessibilityTraits()
    public static let updatesFrequently = AccessibilityTraits()
}

public struct UITextContentType: Sendable {
    public static let username = UITextContentType()
    public static let password = UITextContentType()
    public static let newPassword = UITextContentType()
    public static let oneTimeCode = UITextContentType()
}

public struct TextInputAutocapitalization: Sendable {
    public static var never: TextInputAutocapitalization { TextInputAutocapitalization() }
}
