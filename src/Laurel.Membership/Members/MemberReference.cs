using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Limits;

namespace Laurel.Membership.Members;

/// <summary>How a caller names a member: by our id, by its own, or by something that belongs to the member.</summary>
public readonly record struct MemberReference
{
    private MemberReference(MemberId id, Hash128 handle, string notFound) => (Id, Handle, NotFound) = (id, handle, notFound);

    /// <summary>The id, or 0 when the member is named by a handle.</summary>
    public MemberId Id { get; }

    /// <summary>The natural key that leads to the member; meaningless when <see cref="Id"/> is given.</summary>
    public Hash128 Handle { get; }

    /// <summary>Whether it names the member, and not something that a member has or did.</summary>
    public bool IsPerson => NotFound == "MEMBER_NOT_FOUND";

    /// <summary>The code for a name that leads nowhere.</summary>
    public string NotFound { get; }

    public long FairnessKey => Id.Value != 0 ? Id.Value : unchecked((long)Handle.Low);

    /// <summary>For whom what this member tries is counted.</summary>
    public RateSubject SubjectIn(TenantId tenant) => RateSubject.Member(tenant, FairnessKey);

    public static MemberReference ById(MemberId id) => new(id, default, "MEMBER_NOT_FOUND");

    public static MemberReference ByExternalId(TenantId tenant, string externalId) =>
        new(default, MemberKind.HandleOf(tenant, externalId), "MEMBER_NOT_FOUND");

    public static MemberReference ByHandle(Hash128 handle, string notFound) => new(default, handle, notFound);

    internal void Name(HandleResolution handles)
    {
        if (Id.Value == 0)
        {
            handles.Want(Handle);
        }
    }

    internal MemberId? Resolve(HandleResolution handles)
    {
        if (Id.Value != 0)
        {
            return Id;
        }

        return handles.Find(Handle) is { } found ? new MemberId(found) : null;
    }
}
