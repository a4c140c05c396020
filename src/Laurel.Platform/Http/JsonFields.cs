using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Http;

/// <summary>The fields of one JSON object of a body. Each reading either gives a value or notes a fault and goes on,
/// so that a caller learns of every fault at once; the placeholder it then gives (0, empty, null) is never used,
/// because the body as a whole has failed.</summary>
/// <remarks>Valid only inside the function that reads the body; not thread-safe. <c>null</c> counts as
/// absent.</remarks>
public sealed class JsonFields
{
    private readonly JsonSource _source;
    private readonly JsonPath _path;
    private readonly int _first;
    private readonly int _count;
    private int _next;

    internal JsonFields(JsonSource source, JsonPath path, in JsonSlot value)
    {
        _source = source;
        _path = path;
        (_first, _count) = source.Enter(value, path);
    }

    /// <summary>True once any field of the body, or of this item of a list body, is at fault.</summary>
    public bool HasFaults => _source.Faults is not null;

    /// <summary>Whether the property is there and not null; counts as asking for it.</summary>
    public bool Has(string name) => TryFind(name, out _);

    /// <summary>A required integer from <paramref name="min"/> to <paramref name="max"/>; 0 when at fault.</summary>
    public long Integer(string name, long min, long max) => IntegerOrNull(name, min, max) ?? Missing(name, 0L);

    /// <summary>An integer written with digits only (no fraction, no exponent, no minus zero); null when
    /// absent.</summary>
    public long? IntegerOrNull(string name, long min, long max)
    {
        if (!TryFind(name, JsonTokenType.Number, "integer", out var slot))
        {
            return null;
        }

        var digits = _source.BytesOf(slot);
        if (digits.ContainsAny((byte)'.', (byte)'e', (byte)'E') || digits.SequenceEqual("-0"u8))
        {
            Fail(name, FieldErrorCode.NotAnInteger);
            return null;
        }

        // JSON's grammar is checked, so what the parser cannot take is only too large.
        if (Utf8Parser.TryParse(digits, out long value, out _) && value >= min && value <= max)
        {
            return value;
        }

        Fail(name, FieldErrorCode.OutOfRange, ("min", min), ("max", max));
        return null;
    }

    /// <summary>Required text that is not blank, as it is; empty when at fault.</summary>
    /// <param name="name">The property.</param>
    /// <param name="lengthMax">In Unicode scalar values.</param>
    public string Text(string name, int lengthMax) => TextOrNull(name, lengthMax) ?? Missing(name, string.Empty);

    /// <summary>As <see cref="Text"/>; null when absent.</summary>
    public string? TextOrNull(string name, int lengthMax)
    {
        if (!TryText(name, lengthMax, out var text))
        {
            return null;
        }

        return FieldText.Fault(text, lengthMax) is { } fault ? FailText(name, fault, lengthMax) : text;
    }

    /// <summary>A required identifier in normalization form C: visible, no control characters, no white space at its
    /// ends; empty when at fault.</summary>
    /// <param name="name">The property.</param>
    /// <param name="lengthMax">In Unicode scalar values.</param>
    public string Identifier(string name, int lengthMax) =>
        IdentifierOrNull(name, lengthMax) ?? Missing(name, string.Empty);

    /// <summary>As <see cref="Identifier"/>; null when absent.</summary>
    public string? IdentifierOrNull(string name, int lengthMax)
    {
        if (!TryText(name, lengthMax, out var text))
        {
            return null;
        }

        return FieldText.IdentifierFault(ref text, lengthMax) is { } fault ? FailText(name, fault, lengthMax) : text;
    }

    /// <summary>One of the words allowed, matched exactly; null when absent.</summary>
    public string? ChoiceOrNull(string name, params ReadOnlySpan<string> allowed)
    {
        if (!TryFind(name, JsonTokenType.String, "string", out var slot))
        {
            return null;
        }

        var text = _source.TextOf(slot);
        foreach (var choice in allowed)
        {
            if (choice == text)
            {
                return choice;
            }
        }

        Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(allowed)));
        return null;
    }

    /// <summary>A time as RFC 3339 writes it, with an offset, between the years 1900 and 2999; null when
    /// absent.</summary>
    public Instant? TimeOrNull(string name)
    {
        if (!TryFind(name, JsonTokenType.String, "string", out var slot))
        {
            return null;
        }

        if (!Rfc3339.TryParse(_source.PlainBytesOf(slot), out var time))
        {
            Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Time));
            return null;
        }

        if (time >= Rfc3339.Earliest && time <= Rfc3339.Latest)
        {
            return time;
        }

        Fail(name, FieldErrorCode.OutOfRange, ("min", Rfc3339.Earliest), ("max", Rfc3339.Latest));
        return null;
    }

    /// <summary>A boolean, or <paramref name="byDefault"/> when absent or at fault.</summary>
    public bool Flag(string name, bool byDefault)
    {
        if (!TryFind(name, out var slot))
        {
            return byDefault;
        }

        if (slot.Kind is not (JsonTokenType.True or JsonTokenType.False))
        {
            Fail(name, FieldErrorCode.WrongType, ("expected", "boolean"));
            return byDefault;
        }

        return slot.Kind == JsonTokenType.True;
    }

    /// <summary>A required member id; default when at fault.</summary>
    public MemberId MemberId(string name) => MemberIdOrNull(name) ?? Missing(name, default(MemberId));

    /// <summary>A member id: a decimal string, for JavaScript cannot hold 64 bits in a number; null when
    /// absent.</summary>
    public MemberId? MemberIdOrNull(string name)
    {
        if (!TryFind(name, JsonTokenType.String, "string", out var slot))
        {
            return null;
        }

        var digits = _source.PlainBytesOf(slot);
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0)
        {
            return new MemberId(value);
        }

        Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.MemberId));
        return null;
    }

    /// <summary>A required list of objects; empty when at fault.</summary>
    public IReadOnlyList<T> List<T>(string name, int countMax, Func<JsonFields, T> read) =>
        ListOrNull(name, countMax, read) ?? Missing<IReadOnlyList<T>>(name, []);

    /// <summary>A list of objects, each read by <paramref name="read"/>; null when absent. It may be empty.</summary>
    public IReadOnlyList<T>? ListOrNull<T>(string name, int countMax, Func<JsonFields, T> read)
    {
        if (!TryFind(name, JsonTokenType.StartArray, "array", out var slot))
        {
            return null;
        }

        return ReadItems(_source, _path.Child(name), slot, countMax, read);
    }

    /// <summary>A list of texts, none of them blank; null when absent. It may be empty.</summary>
    /// <param name="name">The property.</param>
    /// <param name="countMax">Items at the most.</param>
    /// <param name="lengthMax">Of each item, in Unicode scalar values.</param>
    public IReadOnlyList<string>? TextsOrNull(string name, int countMax, int lengthMax)
    {
        if (!TryFind(name, JsonTokenType.StartArray, "array", out var array))
        {
            return null;
        }

        var path = _path.Child(name);
        var (first, count) = _source.EnterItems(array, countMax);
        var texts = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            var slot = _source[first + i];
            var text = slot.Kind == JsonTokenType.String ? _source.TextOf(slot) : null;
            var fault = slot.Kind != JsonTokenType.String ? FieldErrorCode.WrongType
                : text is null ? FieldErrorCode.InvalidText
                : FieldText.Fault(text, lengthMax);
            if (i == countMax)
            {
                _source.Fail(path, FieldErrorCode.TooMany, ("max", countMax));
            }
            else if (fault is not null)
            {
                _source.Fail(path.Item(i), fault, ("expected", "string"), ("max", lengthMax));
            }

            texts.Add(text ?? string.Empty);
        }

        _source.Leave(first);
        return texts;
    }

    /// <summary>A required object; null when at fault.</summary>
    public JsonFields? Object(string name) => ObjectOrNull(name) ?? Missing<JsonFields?>(name, null);

    /// <summary>An object within this one; null when absent or at fault.</summary>
    public JsonFields? ObjectOrNull(string name) =>
        TryFind(name, JsonTokenType.StartObject, "object", out var slot)
            ? new JsonFields(_source, _path.Child(name), slot)
            : null;

    /// <summary>Notes a fault of a property that the caller found.</summary>
    /// <param name="name">The property.</param>
    /// <param name="code">Of <see cref="FieldErrorCatalog"/> or <see cref="ErrorCatalog"/>.</param>
    /// <param name="values">What the text of the code names.</param>
    public void Fail(string name, string code, params ReadOnlySpan<(string Name, object? Value)> values) =>
        _source.Fail(_path.Child(name), code, values);

    /// <summary>Every property that was not asked for, as plain values: text, <see cref="long"/> or <see cref="double"/>, flags, lists and
    /// maps of them; <c>null</c> is left out. Counts as asking for them.</summary>
    /// <param name="lengthMax">Of a text, in UTF-16 units.</param>
    public IReadOnlyDictionary<string, object?> Rest(int lengthMax)
    {
        var values = new Dictionary<string, object?>();
        for (var i = _first; i < _first + _count; i++)
        {
            if (!_source.WasAsked(i) && _source[i].Kind != JsonTokenType.Null)
            {
                var name = _source.NameOf(_source[i]);
                values[name] = JsonValues.Read(_source, _source[i], _path.Child(name), lengthMax);
            }

            _source.MarkAsked(i);
        }

        return values;
    }

    /// <summary>Notes a fault of every property that was not asked for; call it last.</summary>
    public void RefuseUnknown()
    {
        for (var i = _first; i < _first + _count; i++)
        {
            if (!_source.WasAsked(i))
            {
                _source.Fail(_path.Child(_source.NameOf(_source[i])), FieldErrorCode.UnknownField);
            }
        }
    }

    internal static IReadOnlyList<T> ReadItems<T>(
        JsonSource source,
        JsonPath path,
        in JsonSlot array,
        int countMax,
        Func<JsonFields, T> read)
    {
        var (first, count) = source.EnterItems(array, countMax);
        if (count > countMax)
        {
            source.Fail(path, FieldErrorCode.TooMany, ("max", countMax));
            return [];
        }

        // What is no object is left out: whoever looks at the list before it is dropped must not meet a null.
        var items = new List<T>(count);
        for (var i = 0; i < count; i++)
        {
            // A copy, for reading an item may move the table.
            var slot = source[first + i];
            var itemPath = path.Item(i);
            if (slot.Kind == JsonTokenType.StartObject)
            {
                items.Add(read(new JsonFields(source, itemPath, slot)));
                source.Leave(first + count);
            }
            else
            {
                source.Fail(itemPath, FieldErrorCode.WrongType, ("expected", "object"));
            }
        }

        return items;
    }

    // Callers mostly send, and we mostly ask, in the documented order: the search begins after the last find.
    private bool TryFind(string name, out JsonSlot slot)
    {
        for (var step = 0; step < _count; step++)
        {
            var at = _next + step;
            at = _first + (at >= _count ? at - _count : at);
            if (_source.HasName(_source[at], name))
            {
                _next = at - _first + 1;
                _source.MarkAsked(at);
                slot = _source[at];
                return slot.Kind != JsonTokenType.Null;
            }
        }

        slot = default;
        return false;
    }

    private bool TryFind(string name, JsonTokenType kind, string expected, out JsonSlot slot)
    {
        if (!TryFind(name, out slot))
        {
            return false;
        }

        if (slot.Kind == kind)
        {
            return true;
        }

        Fail(name, FieldErrorCode.WrongType, ("expected", expected));
        return false;
    }

    private bool TryText(string name, int lengthMax, out string text)
    {
        text = string.Empty;
        if (!TryFind(name, JsonTokenType.String, "string", out var slot))
        {
            return false;
        }

        // An escaped scalar takes up to twelve bytes, and form C may shorten text to a quarter: beyond that nothing can
        // fit, and no megabyte is decoded to find out.
        if (slot.ValueLength > lengthMax * 48L)
        {
            Fail(name, FieldErrorCode.TooLong, ("max", lengthMax));
            return false;
        }

        if (_source.TextOf(slot) is not { } decoded)
        {
            Fail(name, FieldErrorCode.InvalidText);
            return false;
        }

        text = decoded;
        return true;
    }

    private string? FailText(string name, string fault, int lengthMax)
    {
        Fail(name, fault, ("max", lengthMax), ("expected", FieldFormats.Identifier));
        return null;
    }

    /// <summary>Notes REQUIRED unless the property is there, in which case its own fault is noted already.</summary>
    private T Missing<T>(string name, T placeholder)
    {
        if (!TryFind(name, out _))
        {
            Fail(name, FieldErrorCode.Required);
        }

        return placeholder;
    }
}
