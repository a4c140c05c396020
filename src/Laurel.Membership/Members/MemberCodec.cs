using System.Text;
using Laurel.Kernel;

namespace Laurel.Membership.Members;

/// <summary>A member's view as bytes, for Redis. Personal data stays encrypted.</summary>
internal static class MemberCodec
{
    /// <summary>Raised with every change of the layout: bytes of another one are not read.</summary>
    private const byte Layout = 5;

    public static byte[] Write(MemberView view)
    {
        using var stream = new MemoryStream(256);
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            writer.Write(Layout);
            writer.Write(view.Tenant.Value);
            writer.Write(view.Id.Value);
            writer.Write(view.Code);
            writer.Write(view.ExternalId);
            Write(writer, view.Nickname);
            writer.Write(view.Status);
            writer.Write(view.RegisteredAt.UnixMicroseconds);
            writer.Write(view.LevelCode);
            writer.Write(view.LevelSince.UnixMicroseconds);
            Write(writer, view.LevelState);
            writer.Write(view.MergedInto ?? 0);
            Write(writer, view.Tags);
            writer.Write(view.Figures.Available);
            writer.Write(view.Figures.Pending);
            writer.Write(view.Figures.Held);
            writer.Write(view.Figures.Debt);
            writer.Write(view.Figures.Expiring30d);
            writer.Write(view.PointsBalance);
            writer.Write(view.Receivable);
            writer.Write(view.Growth);
            writer.Write(view.Balance);
            writer.Write(view.Lifetime);
            writer.Write(view.TotalOrders);
            writer.Write(view.TotalAmount);
            writer.Write(view.Version);
            writer.Write(view.NextChangeAt.UnixMicroseconds);
            writer.Write(view.ValidUntil.UnixMicroseconds);
            Write(writer, view.Personal?.WrappedKey);
            Write(writer, view.Personal?.Phone);
            Write(writer, view.Personal?.Email);
            Write(writer, view.Personal?.Profile);
            writer.Write(view.Personal?.Version ?? 0);
        }

        return stream.ToArray();
    }

    /// <summary>Null for another layout.</summary>
    public static MemberView? Read(ReadOnlyMemory<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        if (reader.ReadByte() != Layout)
        {
            return null;
        }

        var view = new MemberView
        {
            Tenant = new TenantId(reader.ReadInt32()),
            Id = new MemberId(reader.ReadInt64()),
            Code = reader.ReadString(),
            ExternalId = reader.ReadString(),
            Nickname = ReadText(reader),
            Status = reader.ReadString(),
            RegisteredAt = new Instant(reader.ReadInt64()),
            LevelCode = reader.ReadString(),
            LevelSince = new Instant(reader.ReadInt64()),
            LevelState = ReadText(reader),
            MergedInto = reader.ReadInt64(),
            Tags = ReadText(reader),
            Figures = new PointsFigures
            {
                Available = reader.ReadInt64(),
                Pending = reader.ReadInt64(),
                Held = reader.ReadInt64(),
                Debt = reader.ReadInt64(),
                Expiring30d = reader.ReadInt64(),
            },
            PointsBalance = reader.ReadInt64(),
            Receivable = reader.ReadInt64(),
            Growth = reader.ReadInt64(),
            Balance = reader.ReadInt64(),
            Lifetime = reader.ReadInt64(),
            TotalOrders = reader.ReadInt64(),
            TotalAmount = reader.ReadInt64(),
            Version = reader.ReadInt64(),
            NextChangeAt = new Instant(reader.ReadInt64()),
            ValidUntil = new Instant(reader.ReadInt64()),
        };
        var (wrappedKey, phone, email, profile, version) = (ReadBytes(reader), ReadBytes(reader), ReadBytes(reader), ReadBytes(reader), reader.ReadInt64());
        return wrappedKey is null ? view : view with { Personal = new SealedPersonalData(wrappedKey, phone, email, profile, version) };
    }

    private static void Write(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        writer.Write(text ?? "");
    }

    private static void Write(BinaryWriter writer, byte[]? bytes)
    {
        writer.Write7BitEncodedInt(bytes is null ? 0 : bytes.Length + 1);
        writer.Write(bytes ?? []);
    }

    private static string? ReadText(BinaryReader reader)
    {
        var isThere = reader.ReadBoolean();
        var text = reader.ReadString();
        return isThere ? text : null;
    }

    private static byte[]? ReadBytes(BinaryReader reader) =>
        reader.Read7BitEncodedInt() is > 0 and var length ? reader.ReadBytes(length - 1) : null;
}
