using System.Buffers;
using System.Text;
using System.Text.Json;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Http;

/// <summary>One property or array item: where its name and its value stand in the bytes of the body.</summary>
/// <param name="NameStart">After the opening quote; the name is empty for an array item.</param>
/// <param name="NameLength">In bytes, as written.</param>
/// <param name="NameEscaped">Whether the name holds backslashes.</param>
/// <param name="ValueStart">Of a string after its quote, of all else with its first byte.</param>
/// <param name="ValueLength">Of a string without its quotes.</param>
/// <param name="ValueEscaped">Whether a string holds backslashes.</param>
/// <param name="Kind">What the value begins with.</param>
internal readonly record struct JsonSlot(
    int NameStart,
    int NameLength,
    bool NameEscaped,
    int ValueStart,
    int ValueLength,
    bool ValueEscaped,
    JsonTokenType Kind);

/// <summary>The bytes of one body, a flat table of what was found in them, and the faults.</summary>
/// <remarks>Every object is walked once when a reader enters it; what nobody enters is only checked for syntax. The
/// table lives in a pooled array, so reading costs no allocation but the strings. Not thread-safe.</remarks>
internal sealed class JsonSource(ReadOnlyMemory<byte> body) : IDisposable
{
    /// <summary>RFC 8259 §9 allows limits on depth; nothing we accept comes near this one.</summary>
    public const int DepthMax = 32;

    /// <summary>Further properties of one object are refused, which also bounds the search for duplicates.</summary>
    public const int PropertiesMax = 64;

    /// <summary>Faults beyond these are not collected: a hostile body should not make a long answer.</summary>
    public const int FaultsMax = 100;

    private static readonly JsonReaderOptions s_options = new() { MaxDepth = DepthMax };

    private JsonSlot[] _slots = ArrayPool<JsonSlot>.Shared.Rent(32);
    private bool[] _asked = ArrayPool<bool>.Shared.Rent(32);
    private int _count;
    private List<FieldError>? _faults;

    public ReadOnlySpan<byte> Body => body.Span;

    public int Count => _count;

    public IReadOnlyList<FieldError>? Faults => _faults;

    public ref readonly JsonSlot this[int index] => ref _slots[index];

    /// <summary>Checks the syntax of the whole body and gives the slot of its root.</summary>
    /// <param name="root">The root value.</param>
    /// <param name="offset">Where reading stopped, when the body is not one JSON value.</param>
    public bool TryReadRoot(out JsonSlot root, out long offset)
    {
        var reader = new Utf8JsonReader(Body, s_options);
        root = default;
        try
        {
            if (reader.Read())
            {
                root = SlotOfValue(ref reader, 0, default);
                while (reader.Read())
                {
                    // Only white space may follow, and then Read ends; anything else throws.
                }

                offset = reader.BytesConsumed;
                return true;
            }
        }
        catch (JsonException)
        {
            // The reader tells of bad syntax in no other way; the answer names the place instead of its words.
        }

        offset = reader.BytesConsumed;
        return false;
    }

    /// <summary>Adds the properties of an object to the table.</summary>
    /// <returns>The index of the first and their number.</returns>
    public (int First, int Count) Enter(in JsonSlot value, JsonPath path)
    {
        var first = _count;
        var reader = new Utf8JsonReader(Body.Slice(value.ValueStart, value.ValueLength), s_options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = new JsonSlot(
                value.ValueStart + (int)reader.TokenStartIndex + 1,
                reader.ValueSpan.Length,
                reader.ValueIsEscaped,
                0,
                0,
                false,
                JsonTokenType.None);
            reader.Read();
            var slot = SlotOfValue(ref reader, value.ValueStart, name);
            if (_count - first == PropertiesMax)
            {
                Fail(path, FieldErrorCode.TooMany, ("max", PropertiesMax));
                break;
            }

            Admit(slot, first, path);
        }

        return (first, _count - first);
    }

    /// <summary>Adds the items of an array to the table, at most one more than <paramref name="countMax"/>.</summary>
    public (int First, int Count) EnterItems(in JsonSlot value, int countMax)
    {
        var first = _count;
        var reader = new Utf8JsonReader(Body.Slice(value.ValueStart, value.ValueLength), s_options);
        reader.Read();
        while (_count - first <= countMax && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Add(SlotOfValue(ref reader, value.ValueStart, default));
        }

        return (first, _count - first);
    }

    /// <summary>Forgets what was added since the table had <paramref name="count"/> slots.</summary>
    public void Leave(int count) => _count = count;

    public void MarkAsked(int index) => _asked[index] = true;

    public bool WasAsked(int index) => _asked[index];

    public bool HasName(in JsonSlot slot, string name)
    {
        var written = Body.Slice(slot.NameStart, slot.NameLength);
        return slot.NameEscaped ? Decode(written, true) == name : Ascii.Equals(written, name);
    }

    public string NameOf(in JsonSlot slot) =>
        Decode(Body.Slice(slot.NameStart, slot.NameLength), slot.NameEscaped) ?? string.Empty;

    /// <summary>The text of a string value; null when it holds half a surrogate pair.</summary>
    public string? TextOf(in JsonSlot slot) =>
        Decode(Body.Slice(slot.ValueStart, slot.ValueLength), slot.ValueEscaped);

    /// <summary>The value as written: right for numbers, which have no escapes.</summary>
    public ReadOnlySpan<byte> BytesOf(in JsonSlot slot) => Body.Slice(slot.ValueStart, slot.ValueLength);

    /// <summary>The text of a string in UTF-8. Some writers escape even the plus sign of a time, so escapes are
    /// undone.</summary>
    public ReadOnlySpan<byte> PlainBytesOf(in JsonSlot slot) =>
        slot.ValueEscaped ? Encoding.UTF8.GetBytes(TextOf(slot) ?? string.Empty) : BytesOf(slot);

    public void Fail(JsonPath path, string code, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        _faults ??= [];
        if (_faults.Count < FaultsMax)
        {
            _faults.Add(new FieldError(code, FieldOrigin.Body, path.ToString(), values.ToArray()));
        }
    }

    public void Fail(FieldError fault) => (_faults ??= []).Add(fault);

    /// <summary>Gives the faults away and starts a new list, for bodies whose items are judged one by one.</summary>
    public IReadOnlyList<FieldError>? TakeFaults()
    {
        var faults = _faults;
        _faults = null;
        return faults;
    }

    public void Dispose()
    {
        ArrayPool<JsonSlot>.Shared.Return(_slots);
        ArrayPool<bool>.Shared.Return(_asked);
        (_slots, _asked, _count) = ([], [], 0);
    }

    private static JsonSlot SlotOfValue(ref Utf8JsonReader reader, int origin, in JsonSlot name)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var kind = reader.TokenType;
                reader.Skip();
                return name with
                {
                    ValueStart = origin + start,
                    ValueLength = (int)reader.BytesConsumed - start,
                    Kind = kind,
                };
            case JsonTokenType.String:
                return name with
                {
                    ValueStart = origin + start + 1,
                    ValueLength = reader.ValueSpan.Length,
                    ValueEscaped = reader.ValueIsEscaped,
                    Kind = JsonTokenType.String,
                };
            default:
                return name with
                {
                    ValueStart = origin + start,
                    ValueLength = reader.ValueSpan.Length,
                    Kind = reader.TokenType,
                };
        }
    }

    private void Admit(in JsonSlot slot, int first, JsonPath path)
    {
        var name = Body.Slice(slot.NameStart, slot.NameLength);
        if (slot.NameEscaped && Decode(name, true) is not { } decoded)
        {
            Fail(path, FieldErrorCode.InvalidText);
            return;
        }

        for (var i = first; i < _count; i++)
        {
            ref readonly var earlier = ref _slots[i];
            var same = slot.NameEscaped || earlier.NameEscaped
                ? NameOf(slot) == NameOf(earlier)
                : name.SequenceEqual(Body.Slice(earlier.NameStart, earlier.NameLength));
            if (same)
            {
                Fail(path.Child(NameOf(slot)), FieldErrorCode.DuplicateField);
                return;
            }
        }

        Add(slot);
    }

    private void Add(in JsonSlot slot)
    {
        if (_count == _slots.Length || _count == _asked.Length)
        {
            _slots = Grown(_slots);
            _asked = Grown(_asked);
        }

        _asked[_count] = false;
        _slots[_count++] = slot;
    }

    private T[] Grown<T>(T[] full)
    {
        var larger = ArrayPool<T>.Shared.Rent(_count * 2);
        full.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<T>.Shared.Return(full);
        return larger;
    }

    private static string? Decode(ReadOnlySpan<byte> written, bool escaped)
    {
        if (!escaped)
        {
            return Encoding.UTF8.GetString(written);
        }

        return HasLoneSurrogate(written) ? null : Unescape(written);
    }

    private static string Unescape(ReadOnlySpan<byte> written)
    {
        var quoted = ArrayPool<byte>.Shared.Rent(written.Length + 2);
        quoted[0] = (byte)'"';
        written.CopyTo(quoted.AsSpan(1));
        quoted[written.Length + 1] = (byte)'"';
        var reader = new Utf8JsonReader(quoted.AsSpan(0, written.Length + 2));
        reader.Read();
        var text = reader.GetString()!;
        ArrayPool<byte>.Shared.Return(quoted);
        return text;
    }

    // Raw bytes cannot hold surrogates, for the body is valid UTF-8: only escapes can, and the reader has checked
    // their form.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> written)
    {
        var highPending = false;
        for (var i = 0; i < written.Length; i++)
        {
            var unit = 0;
            if (written[i] == '\\')
            {
                i++;
                if (written[i] == 'u')
                {
                    unit = (HexOf(written[i + 1]) << 12) | (HexOf(written[i + 2]) << 8)
                        | (HexOf(written[i + 3]) << 4) | HexOf(written[i + 4]);
                    i += 4;
                }
            }

            if (highPending != char.IsLowSurrogate((char)unit))
            {
                return true;
            }

            highPending = char.IsHighSurrogate((char)unit);
        }

        return highPending;
    }

    private static int HexOf(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
