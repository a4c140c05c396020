using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Members;

/// <summary>A member as a body names it: exactly one of <c>memberId</c> and <c>externalId</c>.</summary>
internal readonly record struct MemberName(MemberId? Id, string? ExternalId)
{
    public static MemberName Read(JsonFields fields)
    {
        var name = new MemberName(fields.MemberIdOrNull("memberId"), fields.IdentifierOrNull("externalId", RegisterMemberBody.ExternalIdLengthMax));
        if (!fields.Has("memberId") && !fields.Has("externalId"))
        {
            fields.Fail("memberId", FieldErrorCode.Required);
        }
        else if (name is { Id: not null, ExternalId: not null })
        {
            fields.Fail("externalId", FieldErrorCode.UnknownField);
        }

        return name;
    }

    public MemberReference In(TenantId tenant) =>
        Id is { } id ? MemberReference.ById(id) : MemberReference.ByExternalId(tenant, ExternalId ?? "");
}
